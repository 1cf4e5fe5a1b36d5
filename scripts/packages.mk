# Flags of the Debian packages the product links. Their headers are system
# headers (-isystem), so that our warnings do not judge them.
PACKAGE_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PACKAGES)))
# cmark-gfm has no .pc file in Debian 12 for its extensions library.
PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES)) -lcmark-gfm-extensions -lcmark-gfm
