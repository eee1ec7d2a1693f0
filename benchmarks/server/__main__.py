"""``python -m benchmarks.server FOLDER CORE``: listen, and print the URLs as JSON.

There is a port for each kind of response.
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Final

import trustme

from benchmarks import cores
from benchmarks.server.peers import FaultyPeer, LargePeer, Peer, ProfilesPeer, SlowPeer
from benchmarks.server.process import CA_FILE

PEERS: Final[dict[str, type[asyncio.BaseProtocol]]] = {
    "plain": Peer,
    "tls": Peer,
    "large": LargePeer,
    "slow": SlowPeer,
    "faulty": FaultyPeer,
    "profiles": ProfilesPeer,
}


def ssl_context(folder: Path) -> ssl.SSLContext:
    """Make a certificate, and leave that of its authority in the folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / CA_FILE))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def serve(folder: Path) -> None:
    """Listen until the process is terminated."""
    loop = asyncio.get_running_loop()
    urls = {}
    for name, peer in PEERS.items():
        tls = ssl_context(folder) if name == "tls" else None
        server = await loop.create_server(peer, "127.0.0.1", 0, ssl=tls, backlog=1000)
        urls[name] = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(json.dumps(urls), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    cores.pin(json.loads(sys.argv[2]))
    asyncio.run(serve(Path(sys.argv[1])))
