/*
 * A PGconn with our settings, our notion of death (forge/store/README.md) and
 * our errors. Whatever the server says about a failure ends here: above, there
 * are only err codes, db_violated and db->fault.
 */
#include "store/connection.h"

#include "base/mem.h"

#include <poll.h>
#include <stdarg.h>

#define DB_MAGIC 0x64622121u

/* Times in milliseconds. A patient connection waits for ever. */
#define SETTINGS_COMMON                                                                           \
	"-c timezone=UTC -c client_min_messages=warning -c default_transaction_isolation=read\\ " \
	"committed"
#define SETTINGS_QUICK                                                     \
	SETTINGS_COMMON " -c statement_timeout=15000 -c lock_timeout=5000" \
			" -c idle_in_transaction_session_timeout=30000"
#define SETTINGS_PATIENT                                            \
	SETTINGS_COMMON " -c statement_timeout=0 -c lock_timeout=0" \
			" -c idle_in_transaction_session_timeout=0"

struct db *connection_new(struct db_pool *pool, const struct db_settings *settings)
{
	struct db *db = MEM_NEW(struct db);

	db->magic = DB_MAGIC;
	db->pool = pool;
	db->settings = settings;
	db->is_prepared = mem_alloc_array(q_statement_count, sizeof(bool));
	db->scratch = arena_open(0);
	return db;
}

void connection_close(struct db *db)
{
	if (!db)
		return;
	ASSERT(db->magic == DB_MAGIC);
	PQfinish(db->conn);
	arena_close(db->scratch);
	mem_free(db->is_prepared);
	db->magic = 0;
	mem_free(db);
}

void connection_forget_plans(struct db *db)
{
	for (size_t i = 0; i < q_statement_count; i++)
		db->is_prepared[i] = false;
}

/* libpq ends its messages with a newline, and may send several lines. */
static struct str first_line(const char *message)
{
	struct str line = str_c(message ? message : "no message");

	return str_trim(str_upto(line, str_find(line, '\n')));
}

static void ignore_notice(void *closure, const PGresult *result)
{
	(void)closure;
	(void)result;
}

int connection_open(struct db *db, struct err *e)
{
	const char *const keys[] = { "dbname",          "connect_timeout",
				     "keepalives",      "tcp_user_timeout",
				     "client_encoding", "application_name",
				     "options",         NULL };
	const char *const values[] = { db->settings->conninfo,
				       "3",
				       "1",
				       "10000",
				       "UTF8",
				       db->settings->application_name,
				       db->settings->is_patient ? SETTINGS_PATIENT : SETTINGS_QUICK,
				       NULL };

	ASSERT(db->magic == DB_MAGIC);
	PQfinish(db->conn);
	connection_forget_plans(db);
	db->in_transaction = false;
	db->was_lost = false;
	db->conn = PQconnectdbParams(keys, values, 1);
	ASSERT(db->conn != NULL);
	if (PQstatus(db->conn) != CONNECTION_OK) {
		struct str line = first_line(PQerrorMessage(db->conn));

		db->fault = FAULT_LOST;
		err_set(e, ERR_UNAVAILABLE, "PostgreSQL: %.*s", STR_FMT(line));
		PQfinish(db->conn);
		db->conn = NULL;
		return -ERR_UNAVAILABLE;
	}
	PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
	return 0;
}

bool connection_is_alive(struct db *db)
{
	struct pollfd ready = { .events = POLLIN };

	if (!db->conn || PQstatus(db->conn) != CONNECTION_OK)
		return false;
	ready.fd = PQsocket(db->conn);
	if (ready.fd < 0)
		return false;
	/* An idle server has nothing to say, but good-bye. */
	if (poll(&ready, 1, 0) > 0) {
		if (!PQconsumeInput(db->conn) || PQstatus(db->conn) != CONNECTION_OK)
			return false;
		/* A notice (57P01) may come first and the end of file only now. */
		return poll(&ready, 1, 0) == 0;
	}
	return true;
}

struct sqlstate_row {
	const char *prefix;
	enum db_fault fault;
	enum err_code code;
	const char *sentence; /* for PUBLIC codes; NULL: the server's message */
};

static const struct sqlstate_row sqlstates[] = {
	{ "08", FAULT_LOST, ERR_UNAVAILABLE, NULL },
	{ "57P01", FAULT_LOST, ERR_UNAVAILABLE, NULL },
	{ "57P02", FAULT_LOST, ERR_UNAVAILABLE, NULL },
	{ "57P03", FAULT_LOST, ERR_UNAVAILABLE, NULL },
	{ "25P03", FAULT_LOST, ERR_UNAVAILABLE, NULL },
	{ "53300", FAULT_LOST, ERR_UNAVAILABLE, NULL },
	{ "40001", FAULT_CONTENTION, ERR_CONFLICT,
	  "Somebody else changed the same thing at the same moment; try again." },
	{ "40P01", FAULT_CONTENTION, ERR_CONFLICT,
	  "Somebody else changed the same things at the same moment; try again." },
	{ "0A000", FAULT_STALE_PLAN, ERR_UNAVAILABLE, NULL },
	{ "26000", FAULT_STALE_PLAN, ERR_UNAVAILABLE, NULL },
	{ "23505", FAULT_OTHER, ERR_CONFLICT, "There is one like this already." },
	{ "23P01", FAULT_OTHER, ERR_CONFLICT, "There is one in this place already." },
	{ "23503", FAULT_OTHER, ERR_CONFLICT,
	  "Something this belongs to is gone, or something still belongs to it." },
	{ "22021", FAULT_OTHER, ERR_INVALID, "The text has bytes that are not UTF-8." },
	{ "22P05", FAULT_OTHER, ERR_INVALID, "The text has characters that cannot be stored." },
	{ "57014", FAULT_OTHER, ERR_TIMEOUT, NULL },
	{ "55P03", FAULT_OTHER, ERR_TIMEOUT, NULL },
	{ "53100", FAULT_OTHER, ERR_DISK_FULL, NULL },
	{ "53", FAULT_OTHER, ERR_UNAVAILABLE, NULL },
	{ "25006", FAULT_OTHER, ERR_UNAVAILABLE, NULL },
	{ "", FAULT_OTHER, ERR_INTERNAL, NULL },
};

static const struct sqlstate_row *sqlstate_row(const char *sqlstate)
{
	for (size_t i = 0;; i++) {
		if (str_starts(str_c(sqlstate), str_c(sqlstates[i].prefix)))
			return &sqlstates[i];
	}
}

static void keep_field(char *to, size_t room, const char *field)
{
	/* One that does not fit is none: nobody asks for it. */
	if (!str_copy(to, room, str_c(field ? field : "")))
		to[0] = '\0';
}

/* Without SQLSTATE nobody answered: the server is gone even if libpq does not know yet. */
static const struct sqlstate_row *judge(const struct db *db, const char *sqlstate)
{
	bool is_lost = !sqlstate || PQstatus(db->conn) != CONNECTION_OK;

	return sqlstate_row(is_lost ? "08" : sqlstate);
}

int connection_fail(struct db *db, const PGresult *result, const char *what, struct err *e)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const struct sqlstate_row *row = judge(db, sqlstate);
	struct str line =
		first_line(result ? PQresultErrorMessage(result) : PQerrorMessage(db->conn));

	keep_field(db->sqlstate, sizeof(db->sqlstate), sqlstate);
	keep_field(db->constraint, sizeof(db->constraint),
		   PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME));
	db->fault = row->fault;
	if (row->fault == FAULT_LOST && db->in_transaction)
		db->was_lost = true;
	if (row->fault == FAULT_STALE_PLAN)
		connection_forget_plans(db);
	if (row->sentence && db->constraint[0])
		return err_set(e, row->code, "%s (%s)", row->sentence, db->constraint);
	if (row->sentence)
		return err_set(e, row->code, "%s", row->sentence);
	return err_set(e, row->code, "%s: %.*s (SQLSTATE %s)", what, STR_FMT(line),
		       sqlstate ? sqlstate : "none");
}

int connection_command(struct db *db, const char *text, const char *what, struct err *e)
{
	ExecStatusType status;

	ASSERT(db->magic == DB_MAGIC);
	db->fault = FAULT_NONE;
	AUTO_PGRESULT result = PQexec(db->conn, text);
	status = PQresultStatus(result);
	if (status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY || status == PGRES_TUPLES_OK)
		return 0;
	return connection_fail(db, result, what, e);
}

void connection_clear_result(PGresult **result)
{
	PQclear(*result);
}
