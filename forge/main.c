#include "cli/command.h"
#include "privilege.h"

int main(int argc, char **argv)
{
	privilege_limits();
	return cli_main(argc, argv);
}
