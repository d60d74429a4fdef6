#!/usr/bin/env bash
# Draws the source pictures of this production with ffmpeg alone. They are in the repository; this is how they were made.
#   sources/draw.sh
set -euo pipefail
cd "$(dirname "$0")"

# ellipse X Y RADIUS_X RADIUS_Y: 1 inside, 0 outside, as an expression of ffmpeg's geq
ellipse() { echo "lt(pow((X-$1)/$3,2)+pow((Y-$2)/$4,2),1)"; }

# draw FILE TOP BOTTOM NEON SKIN HAIR FEATURE: a portrait before a skyline, lit from behind in the colour NEON.
# HAIR and FEATURE are masks. All drawing is at 640 x 640.
draw() {
  local file=$1 top=$2 bottom=$3 neon=$4 skin=$5 hair=$6 feature=$7
  local head neck body
  head=$(ellipse 320 285 88 112)
  neck="between(X,280,360)*between(Y,340,470)"
  body=$(ellipse 320 650 225 200)
  local towers="" x=0 seed=${#file}
  while ((x < 640)); do
    seed=$(((seed * 1103515245 + 12345) & 0x7fffffff))
    local width=$((36 + seed / 7 % 40)) height=$((140 + seed / 1000 % 230))
    towers+="drawbox=x=$x:y=$((640 - height)):w=$width:h=$height:c=black@0.55:t=fill,"
    towers+="drawbox=x=$((x + 8)):y=$((656 - height)):w=6:h=10:c=$neon@0.8:t=fill,"
    towers+="drawbox=x=$((x + 20)):y=$((690 - height)):w=6:h=10:c=white@0.5:t=fill,"
    x=$((x + width + 4))
  done
  ffmpeg -v error -y \
    -f lavfi -i "gradients=s=640x640:c0=$top:c1=$bottom:x0=320:y0=0:x1=320:y1=640:nb_colors=2:d=1:speed=0.00001" \
    -f lavfi -i "color=black:s=640x640,format=gray,geq=lum='255*gt($head+$neck+$body+$hair,0)'" \
    -f lavfi -i "color=black:s=640x640,format=gray,geq=lum='255*gt($body,0)'" \
    -f lavfi -i "color=black:s=640x640,format=gray,geq=lum='255*gt(($head+$neck)*not($hair)*not($body),0)'" \
    -f lavfi -i "color=black:s=640x640,format=gray,geq=lum='255*gt($feature,0)'" \
    -f lavfi -i "color=black:s=640x640,format=gray,geq=lum='255*between(hypot(X-320,Y-285),205,216)'" \
    -f lavfi -i "color=$neon:s=640x640" -f lavfi -i "color=0x14101c:s=640x640" -f lavfi -i "color=$skin:s=640x640" \
    -filter_complex "
      [0]format=rgb24,${towers%,}[city];
      [6]split=3[n1][n2][n3];
      [5]split[ring1][ring2]; [ring2]gblur=18[halo]; [ring1][halo]blend=all_mode=addition[ring];
      [n1][ring]alphamerge[sign]; [city][sign]overlay[a];
      [1]split[all][all2]; [all2]gblur=10[glow]; [n2][glow]alphamerge[aura]; [a][aura]overlay[b];
      [7]split[dark1][dark2]; [dark1][all]alphamerge[figure]; [b][figure]overlay[c];
      [3]gblur=1[face]; [8][face]alphamerge[light]; [c][light]overlay[d];
      [2]gblur=1[coat]; [dark2]colorchannelmixer=rr=1.6:gg=1.6:bb=1.9[cloth]; [cloth][coat]alphamerge[front];
      [d][front]overlay[e];
      [4]gblur=2[shine]; [n3][shine]alphamerge[lamp]; [e][lamp]overlay,vignette=PI/5:dither=0,format=rgb24" \
    -frames:v 1 -q:v 4 -bitexact "$file"
}

visor="between(X,238,402)*between(Y,262,288)"
eyes="($(ellipse 288 280 13 6)+$(ellipse 352 280 13 6))"
lips="$(ellipse 320 345 24 7)"
long="($(ellipse 320 250 118 125)+between(X,206,434)*between(Y,250,440))*not(between(X,246,394)*between(Y,235,440))"
bob="$(ellipse 320 258 125 118)*not(between(X,250,390)*gt(Y,238))"
crop="$(ellipse 320 225 96 72)*lt(Y,232)"
mohawk="$(ellipse 320 185 26 92)"
bun="($(ellipse 320 160 44 40)+$(ellipse 320 232 98 78)*lt(Y,235))"
hood="$(ellipse 320 290 150 178)*not($(ellipse 320 290 84 108))"

draw aria.jpg 0x1b0b3b 0xe0417f 0x39f3ff 0xd9a07a "$long" "$eyes+$lips"
draw bo.jpg 0x06283d 0x1fa187 0xffc23d 0x6f4630 "$crop" "$visor"
draw replacements/cleo.png 0x2b0a0a 0xff7b2e 0xff3df2 0xe8bf9c "$bob" "$eyes+$lips"
draw dex.jpg 0x0a1433 0x6a5bff 0x8dff3d 0xc79364 "$mohawk" "$visor"
draw ema.png 0x10241f 0xb8d94a 0xff5c5c 0xf0cfb4 "$bun" "$eyes+$lips"
draw finn.jpg 0x200b2e 0x3d7bff 0xff9a3d 0xa06a48 "$hood" "$eyes"

# The picture of Cleo that came with the order: a thumbnail, too small to work from.
ffmpeg -v error -y -i replacements/cleo.png -vf scale=61:61 -bitexact cleo.png
