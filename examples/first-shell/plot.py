"""Serve a small table on loopback, fetch it with requests, sum it up with pandas, draw it with matplotlib.

Nothing outside this machine is asked, so the example works offline once its shell has been built.
"""

import http.server
import io
import pathlib
import sys
import threading

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import requests

MEASURED = """month,city,celsius
1,Bergen,2.0
4,Bergen,6.3
7,Bergen,15.0
10,Bergen,9.1
1,Lisbon,11.6
4,Lisbon,15.6
7,Lisbon,23.5
10,Lisbon,18.6
1,Quito,14.7
4,Quito,14.4
7,Quito,14.8
10,Quito,14.3
"""


class Table(http.server.BaseHTTPRequestHandler):
    """Answers every GET with the table above."""

    def do_GET(self):
        body = MEASURED.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Table) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        session = requests.Session()
        session.trust_env = False  # a proxy has no business with loopback
        answer = session.get(f"http://127.0.0.1:{server.server_port}/table.csv", timeout=10)
        answer.raise_for_status()
        server.shutdown()

    frame = pd.read_csv(io.StringIO(answer.text))
    table = frame.pivot(index="month", columns="city", values="celsius")
    print(f"Python {sys.version.split()[0]} at {sys.prefix}")
    print(f"pandas {pd.__version__}, requests {requests.__version__}, matplotlib {matplotlib.__version__}")
    print()
    print(table.describe().loc[["mean", "min", "max"]].round(1).to_string())

    out = pathlib.Path.cwd()
    table.to_csv(out / "temperatures.csv")
    axes = table.plot(marker="o", title="Mean temperature", ylabel="°C")
    axes.figure.savefig(out / "temperatures.png", dpi=120)
    print()
    print(f"table:   {out / 'temperatures.csv'}")
    print(f"picture: {out / 'temperatures.png'}")
    plt.close("all")


if __name__ == "__main__":
    main()
