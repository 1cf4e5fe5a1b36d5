# Generated code, all of it under $(GEN): statements from sql/queries, pages
# from web/templates, languages from web/locale, files from web/assets and help.
# GEN_HEADERS must exist before anything compiles; GEN_O goes into libhearth.a.
GEN_HEADERS :=
GEN_O :=
