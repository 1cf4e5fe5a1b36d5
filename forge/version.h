/* The one place that says which Hearth this is. */
#ifndef VERSION_H
#define VERSION_H

#define HEARTH_VERSION "0.1.0"

#endif
