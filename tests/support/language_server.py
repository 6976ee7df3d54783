"""yaml-language-server: what editors complete and check YAML files by."""
import json
import os
import shutil
import subprocess
import tarfile

ARCHIVES = os.path.join(os.environ.get("VARIA_DATA") or os.path.expanduser("~/.cache/varia"),
                        "yaml_language_server")


def why_absent():
    """Why the server cannot be run here; empty: it can."""
    if not shutil.which("node"):
        return "there is no node"
    if not os.path.isdir(ARCHIVES):
        return "the server is not here (tools/fetch-data yaml_language_server)"
    return ""


def unpack(folder):
    """Lays the packages out as npm does. @returns the server's program"""
    for name in sorted(os.listdir(ARCHIVES)):
        package = name.rsplit("-", 1)[0].replace("vscode-l10n", "@vscode/l10n")
        with tarfile.open(os.path.join(ARCHIVES, name)) as archive:
            for member in archive.getmembers():
                # The folder in an archive has any name.
                member.name = member.name.partition("/")[2]
                if member.isfile() and member.name:
                    archive.extract(member, os.path.join(folder, "node_modules", package))
    return os.path.join(folder, "node_modules/yaml-language-server/out/server/src/server.js")


class LanguageServer:
    """A server that checks files against one schema; a context manager."""

    def __init__(self, folder, schema):
        """@param schema the path of a JSON Schema"""
        self.schema = "file://" + schema
        self.process = subprocess.Popen(["node", unpack(folder), "--stdio"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.number = 0
        self.request("initialize", {"processId": os.getpid(), "rootUri": None,
                                    "capabilities": {"workspace": {"configuration": True}}})
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": self.settings()})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method, parameters):
        self.send({"method": method, "params": parameters})

    def read(self):
        """The next message; what the server asks for in between is answered."""
        while True:
            length = 0
            while (line := self.process.stdout.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                raise EOFError("the server has ended")
            message = json.loads(self.process.stdout.read(length))
            if "method" in message and "id" in message:
                self.send({"id": message["id"], "result": self.answer(message)})
                continue
            return message

    def settings(self):
        return {"yaml": {"schemas": {self.schema: "*.yaml"}, "validate": True, "completion": True,
                         "schemaStore": {"enable": False}},
                "http": {"proxy": "", "proxyStrictSSL": False}}

    def answer(self, message):
        if message["method"] != "workspace/configuration":
            return None
        settings = self.settings()
        return [settings.get(item.get("section")) for item in message["params"]["items"]]

    def request(self, method, parameters):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": parameters})
        while True:
            message = self.read()
            if message.get("id") == self.number:
                return message.get("result")

    def check(self, text):
        """Opens a file of its own. @returns its address, and what the server finds"""
        self.number += 1
        uri = f"file:///experiment{self.number}.yaml"
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        while True:
            message = self.read()
            if (message.get("method") == "textDocument/publishDiagnostics"
                    and message["params"]["uri"] == uri):
                return uri, message["params"]["diagnostics"]

    def findings(self, text):
        """[(line, column, message)], places from 1, of a file with this text."""
        uri, found = self.check(text)
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        return [(one["range"]["start"]["line"] + 1, one["range"]["start"]["character"] + 1,
                 one["message"]) for one in found]

    def completions(self, text, line, column):
        """What may stand at a place, counted from 1: {label: documentation}."""
        uri, _ = self.check(text)
        found = self.request("textDocument/completion", {
            "textDocument": {"uri": uri}, "position": {"line": line - 1, "character": column - 1}})
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        items = found["items"] if isinstance(found, dict) else found
        return {item["label"]: item.get("documentation") for item in items}
