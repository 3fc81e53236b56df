import socket
import unittest

from glue.tests.cloud import shared_cloud


class FrontDoor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = shared_cloud()

    def status(self, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.cloud.get("/_ministack/health", headers=headers)[0]

    def test_this_machine_is_let_in(self):
        port = self.cloud.port
        for host in ("localhost", f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "a.b.localhost:80"):
            self.assertEqual(self.status(Host=host), 200, host)
        for origin in ("http://localhost:3000", "https://127.0.0.1", "http://d1.cloudfront.localhost:4566"):
            self.assertEqual(self.status(Origin=origin), 200, origin)
        self.assertEqual(self.status(Sec_Fetch_Site="cross-site", Referer="http://d1.cloudfront.localhost/"), 200)
        self.assertEqual(self.status(Sec_Fetch_Site="none"), 200)

    def test_others_are_refused(self):
        for host in ("example.com", "localhost.example.com", "notlocalhost", "127.0.0.1.example.com",
                     "localhost@example.com", "10.0.0.1", "s3.amazonaws.com", "localhost:x"):
            self.assertEqual(self.status(Host=host), 403, host)
        for origin in ("null", "http://example.com", "http://localhost.example.com", "file://localhost", ""):
            self.assertEqual(self.status(Origin=origin), 403, origin)
        self.assertEqual(self.status(Sec_Fetch_Site="cross-site"), 403)
        self.assertEqual(self.status(Sec_Fetch_Site="cross-site", Referer="http://example.com/"), 403)

    def raw(self, *lines):
        with socket.create_connection(("127.0.0.1", self.cloud.port)) as connection:
            connection.sendall("\r\n".join((*lines, "", "")).encode())
            return connection.recv(1000).decode()

    def test_websockets_and_git_pass_the_same_door(self):
        self.cloud.tools.requests.clear()
        answer = self.raw("GET /_aws/execute-api/x/y HTTP/1.1", "Host: localhost", "Origin: http://example.com",
                          "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
        self.assertTrue(answer.startswith("HTTP/1.1 403"), answer)
        self.assertEqual(self.cloud.get("/v1/repos/a/info/refs", headers={"Origin": "http://example.com"})[0], 403)
        self.assertEqual(self.cloud.tools.requests, [])

    def test_one_good_host_does_not_excuse_another(self):
        answer = self.raw("GET / HTTP/1.1", "Host: example.com", "Origin: http://localhost")
        self.assertTrue(answer.startswith("HTTP/1.1 403"), answer)

    def test_it_listens_on_loopback_only(self):
        self.assertIn(f"Running on http://127.0.0.1:{self.cloud.port}", self.cloud.log.read_text())
