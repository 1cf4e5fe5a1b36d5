#!/usr/bin/env python3
"""A forge as GitLab's runner protocol describes it, for tests of hearth-runner.

usage: protocol_peer.py PORT_FILE STATE_DIR

It answers jobs/request with STATE_DIR/next.json (once, then 204), keeps each
trace in STATE_DIR/ID.trace and the final report in STATE_DIR/ID.final, and
takes artifacts to STATE_DIR/ID.zip; ID.heard is there after a PUT that says
only that the job runs. Files that tests make change what it says:
    ID.forget    the next PATCH is answered 416 with half of what was sent
    ID.doubt     the next final PUT is answered 412
    ID.deaf      while it is there each word of the job is answered 503
    ID.narrow    while it is there each PATCH is answered 413, as by a proxy
    ID.busy      holds how many final PUTs are answered 503 before one is taken
    ID.canceling Job-Status: canceling      ID.gone  403
"""
import http.server
import json
import os
import sys
import threading
import zlib

state = sys.argv[2]


def path(name):
    return os.path.join(state, name)


def take(name):
    """True once for a file that a test made."""
    try:
        os.unlink(path(name))
        return True
    except FileNotFoundError:
        return False


class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def job(self):
        return self.path.split("?")[0].split("/")[4]

    def do_POST(self):
        data = self.body()
        if self.path.endswith("/runners/verify"):
            known = json.loads(data)["token"] == "glrt-good"
            self.answer(200 if known else 403, b'{"id":1,"token":"glrt-good"}')
        elif self.path.endswith("/jobs/request"):
            with self.lock:
                try:
                    os.rename(path("next.json"), path("taken.json"))
                except FileNotFoundError:
                    return self.answer(204)
            with open(path("taken.json"), "rb") as f:
                self.answer(201, f.read())
        else:
            # One multipart part: the zip stands between the blank line and the boundary.
            start = data.index(b"\r\n\r\n") + 4
            end = data.rindex(b"\r\n--")
            with open(path(self.job() + ".zip"), "wb") as f:
                f.write(data[start:end])
            self.answer(201, b"{}")

    def do_DELETE(self):
        self.body()
        self.answer(204)

    def do_GET(self):
        with open(path(self.job() + ".zip"), "rb") as f:
            self.answer(200, f.read())

    def status_headers(self):
        job = self.job()
        if os.path.exists(path(job + ".canceling")):
            return {"Job_Status": "canceling"}
        return {"Job_Status": "running", "X_GitLab_Trace_Update_Interval": 3}

    def do_PATCH(self):
        data = self.body()
        job = self.job()
        trace = path(job + ".trace")
        size = os.path.getsize(trace) if os.path.exists(trace) else 0
        start = int(self.headers["Content-Range"].split("-")[0])
        if os.path.exists(path(job + ".deaf")):
            return self.answer(503)
        if os.path.exists(path(job + ".gone")):
            return self.answer(403, Job_Status="failed")
        if os.path.exists(path(job + ".narrow")):
            return self.answer(413, **self.status_headers())
        if start != size and not (start == 0 and take(job + ".rewrite")):
            return self.answer(416, Range="0-%d" % size)
        with open(trace, "r+b" if size else "wb") as f:
            f.truncate(start)
            f.seek(start)
            f.write(data)
        if take(job + ".forget"):
            with open(trace, "r+b") as f:
                f.truncate(start + len(data) // 2)
            return self.answer(416, Range="0-%d" % (start + len(data) // 2))
        return self.answer(202, Range="0-%d" % (start + len(data)), **self.status_headers())

    def is_busy(self, job):
        try:
            with open(path(job + ".busy")) as f:
                left = int(f.read())
        except FileNotFoundError:
            return False
        if left:
            with open(path(job + ".busy"), "w") as f:
                f.write(str(left - 1))
        return left > 0

    def do_PUT(self):
        report = json.loads(self.body())
        job = self.job()
        if os.path.exists(path(job + ".gone")):
            return self.answer(403, Job_Status="failed")
        if os.path.exists(path(job + ".deaf")):
            return self.answer(503)
        if report["state"] == "running":
            open(path(job + ".heard"), "w").close()
            return self.answer(200, **self.status_headers())
        if self.is_busy(job):
            return self.answer(503, Retry_After=1)
        if take(job + ".doubt"):
            open(path(job + ".rewrite"), "w").close()
            return self.answer(412)
        with open(path(job + ".trace"), "rb") as f:
            trace = f.read()
        report["crc_is_right"] = report["output"]["checksum"] == "crc32:%08x" % zlib.crc32(trace)
        with open(path(job + ".final.part"), "w") as f:
            json.dump(report, f)
        os.rename(path(job + ".final.part"), path(job + ".final"))
        return self.answer(200)


# Again on the same port: then the port file is there.
port = int(open(sys.argv[1]).read()) if os.path.exists(sys.argv[1]) else 0
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Peer)
with open(sys.argv[1] + ".part", "w") as f:
    f.write(str(server.server_port))
os.rename(sys.argv[1] + ".part", sys.argv[1])
server.serve_forever()
