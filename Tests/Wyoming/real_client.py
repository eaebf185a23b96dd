"""Drives a running `katydid listen --wyoming` with the real client library: real_client.py ADDRESS WAV... [--word NAME]

Each WAV holds the word NAME once. Prints one line for each check; the exit status says whether all held.
"""
import argparse
import asyncio
import wave

from wyoming.audio import AudioStop, wav_to_chunks
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.wake import Detect, Detection, NotDetected

failed = 0


def check(name, good, detail=""):
    global failed
    failed += not good
    print(f"wyoming: {'' if good else 'FAILED: '}{name}{f' ({detail})' if detail else ''}")


async def read(client, *kinds):
    """The next event of one of `kinds`."""
    while True:
        event = await asyncio.wait_for(client.read_event(), 30)
        if event is None:
            return None
        for kind in kinds:
            if kind.is_type(event.type):
                return kind.from_event(event)


async def describe(uri, word):
    async with AsyncClient.from_uri(uri) as client:
        await client.write_event(Describe().event())
        info = await read(client, Info)
        models = {model.name: model for program in info.wake for model in program.models}
        check("describe: info names the word", word in models, ", ".join(models))
        model = models[word]
        check("info: phrase, author, languages", bool(model.phrase and model.attribution.name and model.languages and model.installed))
        await client.write_event(Ping(text='"\\ü\n').event())
        pong = await read(client, Pong)
        check("ping: pong with its text", pong.text == '"\\ü\n', repr(pong.text))


def with_silence(path, rate, channels):
    """The recording with a second of silence around, as WAV bytes of another rate (by linear interpolation) and channels."""
    import array
    import io

    with wave.open(path) as wav:
        assert wav.getsampwidth() == 2 and wav.getnchannels() == 1
        own = wav.getframerate()
        samples = array.array("h", wav.readframes(wav.getnframes()))
    samples = array.array("h", [0] * own) + samples + array.array("h", [0] * own)
    out = array.array("h")
    for i in range(len(samples) * rate // own - 1):
        at = i * own / rate
        k = min(int(at), len(samples) - 2)
        value = int(samples[k] + (samples[k + 1] - samples[k]) * (at - k))
        out.extend([value] * channels)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as wav:
        wav.setframerate(rate)
        wav.setsampwidth(2)
        wav.setnchannels(channels)
        wav.writeframes(out.tobytes())
    buffer.seek(0)
    return buffer


async def detect(uri, path, word, names, rate=16000, channels=1, samples=1024, start=0):
    """What comes back for a recording: detections, or NotDetected."""
    async with AsyncClient.from_uri(uri) as client:
        await client.write_event(Detect(names=names).event())
        answers = []

        async def listen():
            while True:
                answer = await read(client, Detection, NotDetected, Error, Pong)
                if answer is None or isinstance(answer, Pong):
                    return
                answers.append(answer)

        listening = asyncio.create_task(listen())
        with wave.open(with_silence(path, rate, channels)) as wav:
            for event in wav_to_chunks(wav, samples, timestamp=start, start_event=True, stop_event=True):
                await client.write_event(event.event())
        # Whatever is to come comes before the answer to this.
        await client.write_event(Ping().event())
        await listening
        return answers


async def refused(uri, event, why):
    async with AsyncClient.from_uri(uri) as client:
        await client.write_event(event)
        answer = await read(client, Error)
        check(f"error: {why}", answer is not None and bool(answer.text), answer and answer.text)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("wav", nargs="+")
    parser.add_argument("--word", default="okay_nabu")
    parser.add_argument("--own", action="store_true", help="the daemon's microphone hears the word again and again")
    arguments = parser.parse_args()
    uri, word, wav = arguments.uri, arguments.word, arguments.wav[0]

    await describe(uri, word)
    for path in arguments.wav:
        answers = await detect(uri, path, word, [word])
        good = len(answers) == 1 and isinstance(answers[0], Detection) and answers[0].name == word
        check(f"detection in {path.split('/')[-1]}", good, answers)
    expected = (await detect(uri, wav, word, None))[0].timestamp
    later = (await detect(uri, wav, word, None, start=100_000))[0].timestamp
    check("timestamps count from the client's own", later == expected + 100_000, f"{expected} ms, {later} ms")
    for rate, channels in [(48000, 2), (44100, 1), (22050, 1), (16000, 2), (32000, 3)]:
        answers = await detect(uri, wav, word, [word], rate, channels, samples=rate // 50)
        # The model decides every 30 ms, and the recording is not quite the same at another rate.
        good = len(answers) == 1 and isinstance(answers[0], Detection) and abs(answers[0].timestamp - expected) <= 40
        check(f"the same at {rate} Hz, {channels} channels", good, answers)
    answers = await detect(uri, wav, word, ["nobody"])
    check("not-detected where another word was asked for", len(answers) == 1 and isinstance(answers[0], NotDetected), answers)
    both = await asyncio.gather(*[detect(uri, wav, word, [word]) for _ in range(2)])
    check("two clients at once", all(len(answers) == 1 and answers[0].timestamp == expected for answers in both), both)

    wide = Event("audio-start", {"rate": 16000, "width": 4, "channels": 1, "timestamp": None})
    await refused(uri, wide, "sound of 32 bits")
    odd = Event("audio-start", {"rate": 191_975, "width": 2, "channels": 1})
    await refused(uri, odd, "a rate that nobody has")

    if arguments.own:
        async with AsyncClient.from_uri(uri) as client:
            await client.write_event(Detect(names=[word]).event())
            answer = await read(client, Detection)
            check("the daemon's own microphone", answer is not None and answer.name == word, answer)
    raise SystemExit(1 if failed else 0)


asyncio.run(main())
