	X(INVALID, 400, PUBLIC, INFO, "The request is not valid.")
	say(I18N("Not " "found"), I18N("Say \"no\""));
	say(I18N(
		"Two "
		"lines"));
