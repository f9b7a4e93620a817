"""A mail server that takes everything and keeps nothing, for where Postfix's smtp-sink is not installed.

python bench/sink.py PORT
"""

import asyncio
import sys

ANSWERS = {b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Sink(asyncio.Protocol):
    """One connection. Answers to commands that came together go back together."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.heard = b""
        self.in_a_mail = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.heard += data
        answers = []
        while True:
            end = b"\r\n.\r\n" if self.in_a_mail else b"\r\n"
            part, found, rest = self.heard.partition(end)
            if not found:
                break
            self.heard = rest
            verb = b"." if self.in_a_mail else part[:4].upper()
            answers.append(ANSWERS.get(verb, b"250 ok\r\n"))
            self.in_a_mail = verb == b"DATA"
        if answers:
            self.transport.write(b"".join(answers))


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
