"""A real SMTP server on loopback that keeps what it accepts in a Maildir.

    mailserver.py --port N --dir DIR [--cert F --key F] [--tls MODE]

MODE: require (STARTTLS before anything else), offer, none.  Once it listens
it prints its port.  The Maildir is DIR/mail.  Files in DIR steer it, and are
looked at each time:

    DIR/rules   lines "address reply"; such a recipient gets that reply, or
                "grey": 451 the first time, or "close": the connection is cut
                in the middle of the message, once
    DIR/hold    while it says DATA, an accepted message is kept and not
                answered; while it says EHLO, that is not

DIR/peak says how many sessions there have been at once, a line each time that
there were more than ever before.
"""
import argparse
import asyncio
import os
import signal
import ssl

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.handlers import Mailbox


class Handler(Mailbox):
    def __init__(self, folder):
        super().__init__(os.path.join(folder, "mail"))
        self.folder = folder
        self.seen = set()
        self.open = set()
        self.peak = 0

    async def released(self, verb):
        try:
            while open(os.path.join(self.folder, "hold")).read() == verb:
                await asyncio.sleep(0.01)
        except FileNotFoundError:
            pass

    def rule(self, address):
        try:
            with open(os.path.join(self.folder, "rules")) as rules:
                for line in rules:
                    who, _, reply = line.strip().partition(" ")
                    if who in (address, "*"):
                        return reply
        except FileNotFoundError:
            pass
        return None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.open = {one for one in self.open if one.transport is not None}
        self.open.add(server)
        if len(self.open) > self.peak:
            self.peak = len(self.open)
            with open(os.path.join(self.folder, "peak"), "a") as out:
                out.write("%d\n" % self.peak)
        await self.released("EHLO")
        return responses

    async def handle_QUIT(self, server, session, envelope):
        self.open.discard(server)
        return "221 2.0.0 bye"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self.rule(address)
        if reply in ("grey", "close"):
            first = address not in self.seen
            self.seen.add(address)
            if first and reply == "grey":
                return "451 4.7.1 greylisted, come again"
            envelope.cut = first
        elif reply is not None:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def prepare_message(self, session, envelope):
        message = super().prepare_message(session, envelope)
        message["X-TLS"] = "no" if session.ssl is None else "yes"
        return message

    async def handle_DATA(self, server, session, envelope):
        if getattr(envelope, "cut", False):
            server.transport.abort()
            return "421 gone"
        self.handle_message(self.prepare_message(session, envelope))
        await self.released("DATA")
        return "250 2.0.0 kept"


def context(args):
    if args.tls == "none":
        return None
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(args.cert, args.key)
    return tls


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", required=True)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--tls", default="require",
                        choices=("require", "offer", "none"))
    args = parser.parse_args()

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    controller = UnthreadedController(
        Handler(args.dir), hostname="127.0.0.1", port=args.port,
        loop=loop, tls_context=context(args),
        require_starttls=args.tls == "require", ident="mail for tests")
    controller.begin()
    print(args.port, flush=True)
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, loop.stop)
    loop.run_forever()


if __name__ == "__main__":
    main()
