# make install DESTDIR=... PREFIX=/usr/local
# Binaries go to PREFIX/bin; systemd units, which name that path, to the place
# where the system's own packages do not put theirs.
INSTALL ?= install
UNITDIR ?= $(if $(filter /usr,$(PREFIX)),/lib/systemd/system,/etc/systemd/system)
UNITS := $(wildcard scripts/systemd/*.service scripts/systemd/*.socket scripts/systemd/*.timer scripts/systemd/*.target)
SYSUSERS := $(wildcard scripts/systemd/*.sysusers)
BINARIES := $(BUILD)/hearth $(if $(RUNNER_C),$(BUILD)/hearth-runner)

.PHONY: install
install: $(BINARIES)
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin
	$(INSTALL) -m 755 $(BINARIES) $(DESTDIR)$(PREFIX)/bin
ifneq ($(UNITS),)
	$(INSTALL) -d $(DESTDIR)$(UNITDIR)
	for unit in $(UNITS); do \
		sed 's|@PREFIX@|$(PREFIX)|g' $$unit >$(DESTDIR)$(UNITDIR)/$$(basename $$unit) || exit 1; \
		chmod 644 $(DESTDIR)$(UNITDIR)/$$(basename $$unit); \
	done
endif
ifneq ($(SYSUSERS),)
	$(INSTALL) -d $(DESTDIR)/usr/lib/sysusers.d
	for file in $(SYSUSERS); do \
		$(INSTALL) -m 644 $$file $(DESTDIR)/usr/lib/sysusers.d/$$(basename $$file .sysusers).conf || exit 1; \
	done
endif
