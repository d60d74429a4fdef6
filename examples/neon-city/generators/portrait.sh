#!/usr/bin/env bash
# Makes the picture of a variant from a character's source image: the same person, in another look.
#   portrait.sh SOURCE OUTPUT VARIANT_TYPE WIDTH HEIGHT SEED
set -euo pipefail
source=$1 output=$2 look=$3 width=$4 height=$5 seed=$6

echo "progress 0.1"
# The seed turns the colours a little, so that two takes of one look are not the same picture.
turn=$((seed % 21 - 10))
fit="scale=$width:$height:force_original_aspect_ratio=increase,crop=$width:$height,format=gbrp"
# Where the clothes are: the shoulders of a portrait.
shoulders="color=black:s=${width}x$height,format=gray,geq=lum='255*lt(pow((X/W-0.5)/0.35,2)+pow((Y/H-1.015)/0.31,2),1)',gblur=1"
case $look in
coat)
  # A warm coat with a lapel, in the light of the street.
  filter="[0]$fit,hue=h=$turn:s=1.15,format=gbrp,split[person][shape];
    [shape]lutrgb=r='clip(val*1.6+90,0,255)':g='clip(val*1.2+34,0,255)':b='val*0.8+10',
      drawbox=x=iw*0.46:y=ih*0.7:w=iw*0.02:h=ih*0.3:c=0x3a1408:t=fill,
      drawbox=x=iw*0.52:y=ih*0.7:w=iw*0.02:h=ih*0.3:c=0x3a1408:t=fill[cloth];
    $shoulders[mask];[cloth][mask]alphamerge[coat];[person][coat]overlay=format=gbrp,unsharp=5:5:0.6"
  ;;
suit)
  # A cool suit with a tie: less colour, and drawn edges that glow.
  filter="[0]$fit,hue=h=$turn:s=0.35,format=gbrp,split[person][shape];
    [shape]format=gray,edgedetect=low=0.08:high=0.2,format=gbrp,colorchannelmixer=rr=0.2:gg=0.8:bb=1[lines];
    [person][lines]blend=all_mode=screen:all_opacity=0.7,split[drawn][under];
    [under]lutrgb=r='val*0.8+24':g='val*0.9+40':b='clip(val*1.2+70,0,255)',
      drawbox=x=iw*0.485:y=ih*0.7:w=iw*0.03:h=ih*0.3:c=0xd02050:t=fill[cloth];
    $shoulders[mask];[cloth][mask]alphamerge[suit];[drawn][suit]overlay=format=gbrp"
  ;;
*)
  echo "no look is known as $look: coat and suit are" >&2
  exit 2
  ;;
esac
ffmpeg -v error -nostdin -y -threads 1 -i "$source" -filter_complex_threads 1 -filter_complex "$filter" \
  -frames:v 1 -bitexact -f image2 -update 1 -c:v png "$output"
echo "progress 1"
