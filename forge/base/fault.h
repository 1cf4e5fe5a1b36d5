/*
 * Kill points for the fault tests. In builds with -DHEARTH_FAULTS a process
 * that reaches FAULT_POINT("receive.locked") kills itself, without any
 * clean-up, if the file named by HEARTH_FAULT_FILE holds that name; it removes
 * the file first, so one write of the file is one death. Other builds have
 * nothing here.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#ifdef HEARTH_FAULTS
void fault_point(const char *name);
#define FAULT_POINT(name) fault_point(name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

#endif
