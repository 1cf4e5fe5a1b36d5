	X(INVALID, 400, PUBLIC, INFO, "The request is not valid.")
	say(I18N("Not " "found"), I18N("Say \"no\""));
	say(I18N(
		"Two "
		"lines"));
	return err_set(e, ERR_INVALID, "A constant "
		       "sentence.");
	return err_set(e, ERR_INVALID, "Not constant: %s", x);
	return err_set(e, ERR_INVALID, "%.*s has %zu of %lld files, 100%% of it.", x);
	return err_set(e, ERR_INVALID, "%s:%d: %s", x);
	return err_set(e, ERR_INVALID, "Number %" PRId64 " is not taken.", x);
	return arena_fmt(a, "The branch %.*s "
			 "is gone.", x);
	return arena_fmt(a, "refs/heads/%.*s", x);
	return STR("It is a draft.");
	return err_set(e, code, x);
	X(API, "api", "read and change", true) \
