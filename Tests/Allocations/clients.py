"""Clients of a running daemon, all at once: clients.py WYOMING_SOCKET METRICS_SOCKET WAV

Prints how many detections came for the WAV, sent at the rates that it is said to have, and how many bytes of metrics.
"""
import json
import socket
import sys

wyoming, metrics, wav = sys.argv[1:]
sound = open(wav, "rb").read()[44:]


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(path)
    return client


def event(type, data, payload=b""):
    text = json.dumps(data).encode()
    return json.dumps({"type": type, "data_length": len(text), "payload_length": len(payload)}).encode() + b"\n" + text + payload


detections = 0
asking, speaking = connect(wyoming), connect(wyoming)
asking.sendall(event("detect", {"names": None}))
for rate in (16000, 48000, 16000, 44100):
    form = {"rate": rate, "width": 2, "channels": 1}
    speaking.sendall(event("audio-start", form))
    silence = bytes(2 * rate)
    for piece in (silence, sound, silence):
        for start in range(0, len(piece), 2048):
            speaking.sendall(event("audio-chunk", form, piece[start : start + 2048]))
    speaking.sendall(event("audio-stop", {}) + event("describe", {}) + event("ping", {"text": "done"}))
    answer = b""
    while b'"pong"' not in answer:
        answer += speaking.recv(65536)
    detections += answer.count(b'"detection"')
    asking.sendall(event("describe", {}))
    asking.recv(65536)
size = 0
for _ in range(5):
    scrape = connect(metrics)
    scrape.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
    while part := scrape.recv(65536):
        size += len(part)
connect(wyoming).sendall(b"garbage\n")
print(detections, size)
