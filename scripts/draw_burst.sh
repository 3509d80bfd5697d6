#!/bin/sh
# SPDX-License-Identifier: MIT
# Draws one burst as a PNG: frequency over time with the chips that were decided for, how sure each
# was, the eye, and the spectrum.
#   scripts/draw_burst.sh RECORDING [PICTURE.png [OPTION...]]
# RECORDING is a burst of wmbus-rx --dump-bursts, or any recording, of which the first burst with a sync
# word is drawn. Further options go to wmbus-rx: --modes all, or --plot-from SECONDS for another burst.
# WMBUS_RX names the program if it is not in build/release.
set -eu

say()
{
    echo "draw_burst: $*" >&2
    exit 1
}

# Where the burst of a recording begins that has an annotation, in seconds; else 0.
begin()
{
    python3 - "${recording%.sigmf-*}.sigmf-meta" <<EOF
import json, sys
try:
    meta = json.load(open(sys.argv[1]))
    print(meta["annotations"][0]["core:sample_start"] / meta["global"]["core:sample_rate"])
except (OSError, ValueError, LookupError):
    print(0)
EOF
}

here=$(dirname "$0")
recording=${1:--}
case $recording in
-*) say "usage: draw_burst.sh RECORDING [PICTURE.png [OPTION of wmbus-rx...]]" ;;
esac
picture=${2:-$(basename "${recording%.sigmf-*}").png}
[ "$(realpath "$picture")" != "$(realpath "$recording")" ] || say "the picture needs a file of its own, not $recording"
shift
[ $# -eq 0 ] || shift
command -v gnuplot >/dev/null || say "gnuplot is missing: apt-get install gnuplot-nox"
rx=${WMBUS_RX:-$here/../build/release/bin/wmbus-rx}
[ -x "$rx" ] || rx=$(command -v wmbus-rx) || say "build wmbus-rx first (README.md), or set WMBUS_RX"

data=$(mktemp)
trap 'rm -f "$data" "$data.log"' EXIT
"$rx" --plot-data "$data" --plot-from "$(begin)" "$@" "$recording" >/dev/null 2>"$data.log" || say "$(cat "$data.log")"
[ -s "$data" ] || say "no burst with a sync word was found in $recording"

# $1: a name in the first lines of the data. Quotes would end gnuplot's.
value()
{
    sed -n "/^# $1 /{s///;s/[\"'\\\\]/ /g;p;q;}" "$data"
}

gnuplot <<EOF || say "gnuplot could not draw $picture"
data = "$data"
deviation = $(value deviation_khz)
training = $(value training)
set terminal pngcairo size 1400, 1000 font "sans,11" background "#ffffff"
set output "$picture"
set multiplot title "$(value mode)  $(value what | cut -c 1-120)\n$(value figures)" font ",13" noenhanced
set border 3 linecolor "#777777"
set tics nomirror textcolor "#333333"
set grid linecolor "#e4e4e4" linetype 1
unset key
one = "#c0392b"; zero = "#2166ac"; line = "#555555"
colour(bit) = bit > 0 ? 0xc0392b : 0x2166ac
top = 2.2 * deviation

set lmargin at screen 0.06; set rmargin at screen 0.985
set tmargin at screen 0.90; set bmargin at screen 0.67
set title "Frequency from the training sequence on, and the chips" offset 0, -0.6
set ylabel "kHz from the carrier"
set xrange [-training:72]
set yrange [-top:1.25 * top]
set xtics 8
set arrow 1 from 0, graph 0 to 0, graph 1 nohead linecolor "#999999" dashtype 2
set label 1 " data" at 0, graph 0.06 textcolor "#777777"
set label 2 "training sequence and sync word " at 0, graph 0.06 right textcolor "#777777"
set arrow 2 from graph 0, first deviation to graph 1, first deviation nohead linecolor "#f0b8b0"
set arrow 3 from graph 0, first -deviation to graph 1, first -deviation nohead linecolor "#b0c8e8"
plot data index 0 using 1:2 with lines linecolor rgb line linewidth 1.3, \
     data index 1 using (\$1 + 0.5):2:(colour(\$3)) with points pointtype 7 pointsize 0.8 linecolor rgb variable, \
     data index 1 using (\$1 + 0.5):(1.12 * top):(sprintf("%d", \$3)):(colour(\$3)) with labels font ",10" textcolor rgb variable

unset label 1; unset label 2; unset arrow 2; unset arrow 3
set tmargin at screen 0.59; set bmargin at screen 0.45
set title "How sure each chip was, and which (red one, blue zero; bold: less than a third)" offset 0, -0.6
set xlabel "chip" offset 0, 0.6
set ylabel "sureness"
set xrange [-training:*]
set yrange [-1.1:1.1]
set xtics auto; set ytics 1
plot data index 1 using (\$1 + 0.5):(\$3 > 0 ? \$4 : -\$4):(colour(\$3)) with impulses linecolor rgb variable, \
     data index 1 using (\$1 + 0.5):(\$4 < 0.33 ? (\$3 > 0 ? \$4 : -\$4) : 1 / 0):(colour(\$3)) with points pointtype 7 pointsize 0.9 linecolor rgb variable

unset arrow 1
set rmargin at screen 0.52
set tmargin at screen 0.36; set bmargin at screen 0.06
set title "Eye" offset 0, -0.6
set xlabel "chips from the middle of one" offset 0, 0.6
set ylabel "kHz from the carrier"
set xrange [-1:1]; set yrange [-top:top]
set xtics 0.5; set ytics auto
plot data index 2 using 1:2 with lines linecolor rgb "#c0333366" linewidth 1

set lmargin at screen 0.59; set rmargin at screen 0.985
set title "Spectrum, behind the filter of the channel" offset 0, -0.6
set xlabel "kHz from the carrier" offset 0, 0.6
set ylabel "dB"
set xrange [*:*]; set yrange [-60:5]
set xtics auto
set arrow 4 from deviation, graph 0 to deviation, graph 1 nohead linecolor "#f0b8b0"
set arrow 5 from -deviation, graph 0 to -deviation, graph 1 nohead linecolor "#b0c8e8"
plot data index 3 using 1:2 with lines linecolor rgb line linewidth 1.3
EOF
echo "$picture"
