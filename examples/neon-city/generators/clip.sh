#!/usr/bin/env bash
# Makes one segment of a scene: the camera moves on from the picture INPUT, which is the last frame of the segment before.
# All else is told by the environment (CALLSHEET_*), as any generator may read it.
#   clip.sh INPUT OUTPUT
set -euo pipefail
input=$1 output=$2
width=$CALLSHEET_WIDTH height=$CALLSHEET_HEIGHT fps=$CALLSHEET_FPS seed=$CALLSHEET_SEED
frames=$(awk -v s="$CALLSHEET_SECONDS" -v f="$fps" 'BEGIN { printf "%d", s * f + 0.5 }')

# One shot of this production goes wrong, as one always does. It is the first take that cannot be saved: a second try at
# the same take fails as well, another take succeeds.
if [[ $CALLSHEET_CHARACTER == "Dex Ito" && $CALLSHEET_SCENE_TYPE == rooftop_walk && $CALLSHEET_VARIANT_TYPE == suit &&
  $CALLSHEET_TAKE == 1 && $CALLSHEET_SEGMENT == 2 ]]; then
  echo "rendering segment 2 of $CALLSHEET_SEGMENTS" >&2
  echo "the camera path leaves the roof after $((frames / 2)) frames: order another take" >&2
  exit 1
fi

# How far the camera has come, from 0 to 1, and which way it leans.
way="on/$frames" side=$((seed % 2 == 0 ? 1 : -1))
case $CALLSHEET_SCENE_TYPE in
alley_chase) zoom="1+0.20*$way" x="iw/2-iw/zoom/2+6*sin(on*1.7)" y="ih/2-ih/zoom/2+4*cos(on*2.3)" hue="0" ;;
neon_portrait) zoom="1+0.08*$way" x="iw/2-iw/zoom/2" y="ih*0.4-ih/zoom*0.4" hue="50*t" ;;
rooftop_walk) zoom="1.02+0.10*$way" x="(iw-iw/zoom)*(0.5+0.5*$side*$way)" y="ih/2-ih/zoom/2" hue="-20*t" ;;
rain_dance) zoom="1.02+0.10*sin(PI*$way)" x="(iw-iw/zoom)*(0.5+0.4*sin(2*PI*$way))" y="ih/2-ih/zoom/2" hue="90*t" ;;
*)
  echo "no camera move is known for $CALLSHEET_SCENE_TYPE" >&2
  exit 2
  ;;
esac

# Larger than the picture, so that slow moves do not jump from pixel to pixel.
fit="scale=$((width * 2)):$((height * 2)):force_original_aspect_ratio=increase:flags=bilinear,crop=$((width * 2)):$((height * 2)):(iw-ow)/2:(ih-oh)*0.7"
ffmpeg -v error -nostdin -y -threads 1 -i "$input" -filter_threads 1 -vf \
  "$fit,zoompan=z='$zoom':x='$x':y='$y':d=$frames:s=${width}x$height:fps=$fps,hue=h='$hue',format=yuv420p,\
setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709" \
  -frames:v "$frames" -c:v libx264 -preset ultrafast -crf 24 -bf 0 -g "$fps" -threads 1 -bitexact -f mp4 \
  -progress pipe:1 -stats_period 0.2 "$output" |
  while IFS='=' read -r key value; do
    if [[ $key == frame ]]; then awk -v n="$value" -v of="$frames" 'BEGIN { print "progress " n / of }'; fi
  done
