#include "cli/command.h"
#include "privilege.h"
#include "roles/ssh_master.h"

#include <string.h>

int main(int argc, char **argv)
{
	privilege_limits();
	/* Not a command: it must start without settings, secrets or environment. */
	if (argc > 1 && strcmp(argv[1], "ssh-master") == 0)
		return ssh_master_main(argc, argv);
	return cli_main(argc, argv);
}
