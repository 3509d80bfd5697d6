#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the receiver and writes report.txt, report.json and pictures into a folder: sensitivity
of each mode with the bounds of theory, speed and where the time goes, false alarms, and other
receivers on the same generated recordings. What a folder holds already is not measured again."""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

# Mode and shape as bench_sensitivity has them: Ec/N0 in dB from, to, and rough milliseconds of a
# telegram, most of it to generate the samples.
WAVES = {
    ("T1", "unshaped"): (3, 9, 5), ("C1-A", "unshaped"): (4, 10, 4), ("C1-A", "bt0.5"): (4, 10, 4),
    ("C1-B", "unshaped"): (4, 11, 4), ("C1-B", "bt0.5"): (4, 11, 4), ("S1", "unshaped"): (3, 9, 20),
    ("C2-A", "bt0.5"): (4, 10, 8), ("C2-B", "bt0.5"): (5, 12, 8), ("R2", "unshaped"): (3, 9, 60),
}
# Ec/N0 in dB at which a detector gets 50 % and 90 % of telegrams of 47 bytes right, computed, with
# nothing mended. C2 has h = 1, where a sequence says no more than its bits.
BITS, PAIRS = ("coherent, bit by bit", 9.4, 10.9), ("coherent, pairs of chips", 6.4, 7.9)
BOUNDS = {
    "T1": [("tone filters, hard chips", 10.9, 12.1), ("tone filters, soft code words", 8.5, 9.6),
           ("coherent, soft code words", 6.8, 8.25)],
    "C1-A": [("tone filters, hard bits", 10.6, 11.8), BITS, ("sequence", 6.1, 7.5)],
    "S1": [("tone filters, pairs of chips", 8.2, 9.4), PAIRS],
    "C2-A": [BITS], "R2": [PAIRS],
}
BOUNDS["C1-B"], BOUNDS["C2-B"] = BOUNDS["C1-A"], BOUNDS["C2-A"]
# How other receivers read a recording: by standard input, or by name.
PEERS = {
    "rtl_wmbus": {"args": ["-d", "2"], "S1": ["-d", "2", "-s"], "stdin": True},
    "rtl_433": {"args": ["-s", "1600000", "-R", "104", "-F", "json", "-r", "cu8:{file}"],
                "S1": ["-s", "1600000", "-R", "105", "-F", "json", "-r", "cu8:{file}"]},
}
PEER_WAVES = [("T1", "unshaped"), ("C1-A", "unshaped"), ("C1-B", "unshaped"), ("S1", "unshaped")]
# rtl_wmbus receives S and T/C at once in a recording around 868.625 MHz.
PEER_CENTER = {"S1": "868.625M"}
COLOURS = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#edc948", "#9c755f", "#ff9da7",
           "#76b7b2", "#bab0ac", "#333333", "#86bcb6"]


def say(text):
    print(f"report: {text}", file=sys.stderr, flush=True)


def lines_of(command, **options):
    """The JSON lines that a bench prints."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, check=True, **options)
    return [json.loads(line) for line in done.stdout.splitlines()]


def kept(path, what, measure):
    """What a file holds, if it was measured as asked for; else measures and writes it."""
    if path.exists():
        old = json.loads(path.read_text())
        if old["what"] == what:
            return old["result"]
    result = measure()
    path.write_text(json.dumps({"what": what, "result": result}))
    return result


def crossing(points, share):
    """Ec/N0 where a curve of (dB, share) rises above a share for good; None if it does not."""
    for (low_db, low), (high_db, high) in reversed(list(zip(points, points[1:]))):
        if low < share <= high:
            return low_db + (share - low) / (high - low) * (high_db - low_db)
    return None


def db(value):
    return "-" if value is None else f"{value:.2f}"


class Report:
    def __init__(self, args):
        self.args = args
        self.bin = args.bin
        self.out = args.output
        self.out.mkdir(parents=True, exist_ok=True)
        self.waves = [w for w in WAVES if not args.modes or w[0] in args.modes.split(",")]
        self.data = {"curves": [], "speed": [], "stages": [], "noise": [], "peers": []}
        self.text = []

    # ---- measurements

    def curve(self, wave):
        mode, shape = wave
        low, high, _ = WAVES[wave]
        command = [self.bin / "bench_sensitivity", "--json", "--mode", mode, "--shape", shape,
                   "-n", self.args.telegrams, "--snr", f"{low}:{high}:{self.args.step}"]

        def measure():
            say(f"{mode} {shape}, {self.args.telegrams} telegrams a point")
            machine, result = lines_of(command)
            result["machine"] = machine
            return result
        return kept(self.out / f"curve-{mode}-{shape}.json", [str(c) for c in command[1:]], measure)

    def chain(self, name, arguments):
        command = [self.bin / "bench_chain", "--json", "--stages", "--runs", 5, "--repeat",
                   self.args.repeat, *arguments]

        def measure():
            say(f"speed, {name}")
            return lines_of(command)
        lines = kept(self.out / f"speed-{name.replace(' ', '-').replace(',', '')}.json",
                     [str(c) for c in command[1:]], measure)
        for line in lines[1:]:
            self.data["speed" if line["bench"] == "chain" else "stages"].append(
                {"name": name, **line})

    def noise(self):
        command = [self.bin / "bench_noise", "--json", "-n", self.args.noise]

        def measure():
            say(f"false alarms in {self.args.noise} samples of noise")
            done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE)
            return [json.loads(x) for x in done.stdout.splitlines() if x.startswith(b"{")]
        self.data["noise"] = kept(self.out / "noise.json", [str(c) for c in command[1:]],
                                  measure)[-1:]

    def generate(self, mode, snr_db):
        """A recording of one point, and the telegrams in it as hex, from C on."""
        name, truth = self.out / "peer.cu8", self.out / "peer.truth"
        center = PEER_CENTER.get(mode, "868.95M")
        subprocess.run([self.bin / "wmbus-gen", "--mode", mode, "-n", str(self.args.peer_telegrams),
                        "--snr", str(snr_db), "-a", str(self.args.peer_amplitude),
                        "--offset-spread", "40k", "--clock-spread", "0.5", "-f", center,
                        "--seed", str(int(snr_db * 10) + 1), "-o", name, "-t", truth], check=True)
        sent = [json.loads(line) for line in truth.read_text().splitlines() if line]
        return name, center, [s["telegram"].lower()[2:] for s in sent if "telegram" in s]

    def peer_point(self, peer, program, mode, snr_db):
        """Share of the telegrams whose bytes stand in a line that the program prints."""
        name, center, sent = self.generate(mode, snr_db)
        how = PEERS[peer]
        arguments = [a.format(file=name) for a in how.get(mode, how["args"])]
        with open(name, "rb") as samples:
            done = subprocess.run([program, *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL,
                                  stdin=samples if how.get("stdin") else subprocess.DEVNULL)
        ours = subprocess.run([self.bin / "wmbus-rx", "-f", center, "-s", "1.6M", "--modes",
                               mode[:2], f"cu8:{name}"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=True).stdout
        runs = [set(re.findall("[0-9a-f]{20,}", out.decode(errors="replace").lower()))
                for out in (done.stdout, ours)]
        name.unlink()
        return [sum(any(s in hexes for hexes in run) for s in sent) / len(sent) for run in runs]

    def peer_curve(self, peer, program, mode):
        points = [db_ for db_ in range(4, 31, self.args.peer_step)]

        def measure():
            say(f"{peer}, {mode}, {self.args.peer_telegrams} telegrams a point")
            return [[x, *self.peer_point(peer, program, mode, x)] for x in points]
        what = [program, mode, points, self.args.peer_telegrams, self.args.peer_amplitude]
        shares = kept(self.out / f"peer-{peer}-{mode}.json", what, measure)
        self.data["peers"].append({"peer": peer, "mode": mode, "points": shares})

    def run(self):
        for wave in self.waves:
            self.data["curves"].append(self.curve(wave))
        self.chain("noise, T and C", ["--noise", "--modes", "T,C"])
        self.chain("noise, all modes", ["--noise", "--modes", "all", "-f", "868.625M"])
        if self.args.recording:
            self.chain("recording, T and C", ["--modes", "T,C", self.args.recording])
            self.chain("recording, all modes", ["--modes", "all", self.args.recording])
        self.noise()
        for text in self.args.peer:
            peer, _, program = text.partition("=")
            for mode, _ in PEER_WAVES:
                if not self.args.modes or mode in self.args.modes.split(","):
                    self.peer_curve(peer, program, mode)

    # ---- text

    def print_curves(self):
        self.text += ["Ec/N0 in dB at which so many telegrams of 47 bytes are right; offset to 40 kHz,"
                      " clock to 0.5 %, amplitude 8 of 127",
                      f"{'mode':6} {'shape':9} {'50 %':>6} {'90 %':>6}  {'sent':>7} {'wrong':>6}"]
        for c in self.data["curves"]:
            sent, wrong = (sum(p[key] for p in c["points"]) for key in ("sent", "wrong"))
            self.text.append(f"{c['mode']:6} {c['shape']:9} {db(c['at50_db']):>6} "
                             f"{db(c['at90_db']):>6}  {sent:7} {wrong:6}")
        self.text += ["", "theory, nothing mended"]
        for mode in dict.fromkeys(w[0] for w in self.waves):
            self.text += [f"{mode:6} {name:30} {at50:5.2f} {at90:6.2f}"
                          for name, at50, at90 in BOUNDS[mode]]

    def print_speed(self):
        self.text += ["", "million samples a second, one core"]
        self.text += [f"{s['name']:22} median {s['median_sps'] / 1e6:6.1f}  best "
                      f"{s['best_sps'] / 1e6:6.1f}" for s in self.data["speed"]]
        tables = {}
        for s in self.data["stages"]:
            row = tables.setdefault((s["name"], s["counter"]), {})
            row.setdefault((s["channel"], s["stage"]), {})[s["simd"]] = s["per_sample"]
        for (name, counter), rows in tables.items():
            levels = list(dict.fromkeys(k for r in rows.values() for k in r))
            self.text += ["", f"{name}: {counter} an input sample",
                          f"{'':22}" + "".join(f"{x:>9}" for x in levels)]
            self.text += [f"{channel:6}{stage:16}" + "".join(f"{r.get(x, 0):9.3f}" for x in levels)
                          for (channel, stage), r in rows.items()]

    def print_rest(self):
        for n in self.data["noise"]:
            self.text += ["", f"false alarms: {n['accepted']} telegrams accepted in "
                              f"{n['samples']:.3g} samples of noise, all modes"]
        if self.data["peers"]:
            self.text += ["", f"others, amplitude {self.args.peer_amplitude}, the same recordings: "
                              "Ec/N0 in dB at which 50 % / 90 % are right"]
        for p in self.data["peers"]:
            for name, column in ((p["peer"], 1), ("wmbus-rx", 2)):
                curve = [(point[0], point[column]) for point in p["points"]]
                most = max(share for _, share in curve)
                self.text.append(f"{p['mode']:6} {name:12} {db(crossing(curve, 0.5)):>6} / "
                                 f"{db(crossing(curve, 0.9)):>6}   most {most:.0%}")

    def write(self):
        machine = self.data["curves"][0]["machine"] if self.data["curves"] else {}
        self.data["machine"] = machine
        self.text = [f"{key:9} {value}" for key, value in machine.items()] + [""]
        self.print_curves()
        self.print_speed()
        self.print_rest()
        (self.out / "report.txt").write_text("\n".join(self.text) + "\n")
        (self.out / "report.json").write_text(json.dumps(self.data, indent=1) + "\n")
        print("\n".join(self.text))

    # ---- pictures

    def plot_of(self, mode, blocks):
        """gnuplot's commands for the curves of a mode; adds their data to blocks."""
        plots, greys = [], ["#999999", "#777777", "#444444"]

        def add(points, style):
            blocks.append(f"$d{len(blocks)} << E\n" + "\n".join(
                f"{x} {100 * y}" for x, y in points) + "\nE")
            plots.append(f"$d{len(blocks) - 1} using 1:2 {style}")
        for k, (name, at50, at90) in enumerate(BOUNDS[mode]):
            add([(at50, 0.5), (at90, 0.9)], "with linespoints lw 1.5 pt 2 ps 0.6 dt 2 lc rgb "
                                            f"'{greys[k]}' title 'theory: {name}'")
        for c in self.data["curves"]:
            if c["mode"] == mode:
                colour = "#0060ad" if c["shape"] == "unshaped" else "#2ca02c"
                shape = "unshaped" if c["shape"] == "unshaped" else "Gaussian, BT 0.5"
                add([(p["ecn0_db"], p["right"] / p["sent"]) for p in c["points"]],
                    f"with linespoints lw 2 pt 7 ps 0.6 lc rgb '{colour}' "
                    f"title 'wmbus-rx, {shape}'")
        for k, p in enumerate(x for x in self.data["peers"] if x["mode"] == mode):
            add([(x, y) for x, y, _ in p["points"]],
                f"with linespoints lw 2 pt 5 ps 0.6 lc rgb '{['#d62728', '#ff7f0e'][k % 2]}' "
                f"title '{p['peer']}' noenhanced")
        return "plot " + ", ".join(plots)

    def draw_curves(self):
        modes = list(dict.fromkeys(c["mode"] for c in self.data["curves"]))
        columns = min(3, len(modes))
        rows = (len(modes) + columns - 1) // columns
        last = 30 if self.data["peers"] else 14
        blocks, plots = [], []
        for mode in modes:
            plots += [f"set title '{mode}, over Ec/N0 in dB' font ',12'", self.plot_of(mode, blocks)]
        script = blocks + [
            f"set terminal pngcairo size {430 * columns},{400 * rows} font 'sans,9'",
            f"set output '{self.out / 'sensitivity.png'}'",
            f"set multiplot layout {rows},{columns}", "set grid lt 1 lc rgb '#dddddd'",
            f"set xrange [2:{last}]", "set yrange [0:100]",
            "set key below Left reverse samplen 2 maxcols 2",
            "set ylabel 'telegrams right, %'"] + plots
        subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, check=True)

    def draw_stages(self):
        """What a sample costs, stacked, a bar for each instruction set and input."""
        bars, parts = {}, {}
        for s in self.data["stages"]:
            bar = bars.setdefault((s["name"], s["simd"]), {})
            bar[s["stage"]] = bar.get(s["stage"], 0) + s["per_sample"]
            parts[s["stage"]] = parts.get(s["stage"], 0) + s["per_sample"]
        stages = list(parts)
        rows = ["\"" + name.replace(", ", "\\n") + f"\\n{simd}\" "
                + " ".join(str(bar.get(x, 0)) for x in stages)
                for (name, simd), bar in bars.items()]
        plots = [f"$s using {k + 2}:xtic(1) lc rgb '{COLOURS[k % len(COLOURS)]}' title '{x}'"
                 for k, x in enumerate(stages)]
        unit = self.data["stages"][0]["counter"]
        script = ["$s << E", *rows, "E", "set terminal pngcairo size 1100,480 font 'sans,9'",
                  f"set output '{self.out / 'stages.png'}'", "set style data histograms",
                  "set style histogram rowstacked", "set style fill solid 0.8 border -1",
                  "set boxwidth 0.7", "set grid y lt 1 lc rgb '#dddddd'", "set bmargin 5",
                  "set key outside right",
                  "set yrange [0:*]", f"set ylabel '{unit}, an input sample'",
                  "plot " + ", ".join(plots)]
        subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, check=True)

    # ---- how long

    def estimate_s(self):
        points = {w: (WAVES[w][1] - WAVES[w][0]) / self.args.step + 1 for w in self.waves}
        seconds = sum(points[w] * self.args.telegrams * WAVES[w][2] / 1000 for w in self.waves)
        chains = 4 if self.args.recording else 2
        seconds += chains * 4 * 5 * self.args.repeat * 0.02 + float(self.args.noise) / 30e6
        peer_points = 26 / self.args.peer_step + 1
        return seconds + len(self.args.peer) * 4 * peer_points * self.args.peer_telegrams * 0.02


def parse(argv):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("-o", "--output", type=pathlib.Path, default="build/report", help="default: build/report")
    add("-n", "--telegrams", type=int, default=200, help="at each Ec/N0; default: 200, minutes")
    add("-m", "--modes", help="of T1,C1-A,C1-B,S1,C2-A,C2-B,R2; default: all")
    add("--step", type=float, default=0.5, help="between two points, in dB; default: 0.5")
    add("--noise", default="100000000", help="samples for false alarms; default: 10^8")
    add("--repeat", type=int, default=20, help="of a million samples, for the speed; default: 20")
    add("--recording", help="for the speed, besides noise; a name as wmbus-rx takes it")
    add("--peer", action="append", default=[], metavar="NAME=PATH",
        help="another receiver, rtl_wmbus or rtl_433, and its program; may be repeated")
    add("--peer-telegrams", type=int, default=100, help="at each Ec/N0; default: 100")
    add("--peer-step", type=int, default=2, help="in dB; default: 2")
    add("--peer-amplitude", type=float, default=30, help="of 127; default: 30, which suits them")
    add("--bin", type=pathlib.Path, default="build/release/bin", help="default: build/release/bin")
    args = parser.parse_args(argv)
    unknown = [m for m in (args.modes or "").split(",") if m and m not in BOUNDS]
    if unknown:
        parser.error(f"no such mode: {', '.join(unknown)}; there are {', '.join(BOUNDS)}")
    if min(args.telegrams, args.repeat, args.peer_telegrams, args.peer_step, args.step) <= 0:
        parser.error("counts and steps are above 0")
    for text in args.peer:
        if text.partition("=")[0] not in PEERS or not pathlib.Path(text.partition("=")[2]).exists():
            parser.error(f"--peer {text}: expected {' or '.join(PEERS)}, =, and the path of a "
                         "program that is there")
    if not (args.bin / "bench_sensitivity").exists():
        parser.error(f"{args.bin} holds no bench_sensitivity: cmake --preset release && "
                     "cmake --build --preset release, or say --bin")
    return args


def measure(report):
    say(f"about {report.estimate_s() / 60:.0f} minutes on a core of 2.5 GHz; goes on where it "
        f"stopped, in {report.out}")
    start = time.monotonic()
    report.run()
    report.write()
    report.draw_curves()
    report.draw_stages()
    say(f"{time.monotonic() - start:.0f} s; report.txt, report.json, sensitivity.png, stages.png in "
        f"{report.out}")


def main(argv):
    try:
        measure(Report(parse(argv)))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"report: {failed.cmd[0]} ended with {failed.returncode}")
    except OSError as failed:
        sys.exit(f"report: {failed}")


if __name__ == "__main__":
    main(sys.argv[1:])
