import http.client
import os
import unittest
from pathlib import Path

from glue.tests.cloud import TOKEN, shared_cloud


class Git(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()

    def test_request_and_answer_are_passed_on(self):
        status, headers, _ = self.cloud.get(
            "/v1/repos/a%20b/info/refs?service=git-upload-pack",
            headers={"Git-Protocol": "version=2", "x-devtools-token": "forged", "Accept-Encoding": "gzip"})
        self.assertEqual((status, headers["x-path"]), (200, "/v1/repos/a%20b/info/refs?service=git-upload-pack"))
        _, sent, _ = self.cloud.tools.requests[-1]
        self.assertEqual((sent["git-protocol"], sent["x-devtools-token"]), ("version=2", TOKEN))
        self.assertEqual(sent["x-devtools-region"], "us-east-1")

    def test_a_body_keeps_its_encoding(self):
        self.cloud.get("/v1/repos/a/git-receive-pack", "POST", {"Content-Encoding": "gzip"}, b"not inflated")
        _, sent, body = self.cloud.tools.requests[-1]
        self.assertEqual((sent["content-encoding"], body), ("gzip", b"not inflated"))

    def test_a_large_push_is_streamed(self):
        chunk, count = os.urandom(1 << 20), 64
        before = self.memory()
        client = http.client.HTTPConnection("localhost", self.cloud.port, timeout=30)
        self.addCleanup(client.close)
        client.request("POST", "/v1/repos/a/git-receive-pack", (chunk for _ in range(count)),
                       {"Transfer-Encoding": "chunked", "Expect": "100-continue"}, encode_chunked=True)
        answer = client.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.read(), chunk * count)  # the fake echoes
        self.assertNotIn("expect", self.cloud.tools.requests[-1][1])
        self.assertLess(self.memory() - before, 20 << 20)

    def memory(self):
        """The most memory that MiniStack has had, in bytes."""
        status = Path(f"/proc/{self.cloud.process.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))

    def test_a_missing_service_is_named(self):
        self.cloud.tools.server.RequestHandlerClass.do_GET = _hang_up
        status, _, body = self.cloud.get("/v1/repos/a/info/refs")
        self.cloud.tools.server.RequestHandlerClass.do_GET = self.cloud.tools.server.RequestHandlerClass.do_POST
        self.assertEqual(status, 503)
        self.assertIn(b"local developer tools do not answer", body)


def _hang_up(handler):
    handler.close_connection = True
