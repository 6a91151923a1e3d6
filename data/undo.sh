#!/bin/sh
# undo.sh - puts back what pcilend changed, without pcilend: in a rescue shell, or chrooted into the system.
#
#     sh undo.sh             from the running system, or after chroot into it
#     sh undo.sh /mnt        from outside, with the system mounted at /mnt
#
# Reads steps and log beside it. A file is put back only while it holds what pcilend left there; everything is looked at
# before anything is touched. Needs only a POSIX shell, cp, mv, rm, cmp, sha256sum, tail and sed, as busybox has them.
set -u

here=$(cd "$(dirname "$0")" && pwd) || exit 1
case ${1:-} in
  '') root= ;;
  -*) echo "usage: sh undo.sh [MOUNT POINT]" >&2; exit 2 ;;
  *) root=$(cd "$1" && pwd) || exit 2; [ "$root" != / ] || root= ;;
esac
steps=$here/steps
log=$here/log
[ -r "$steps" ] || { echo "undo.sh: $steps is not there: is this the copy in the journal's folder?" >&2; exit 1; }
[ "$(sed -n 1p "$steps")" = "pcilend journal 1" ] || { echo "undo.sh: $steps: this is no journal that I can read" >&2; exit 1; }
touch "$log" 2>/dev/null || { echo "undo.sh: $log cannot be written: mount the system for writing: mount -o remount,rw" >&2; exit 1; }
# A last line without its end was being written when the power went.
if [ -n "$(tail -c 1 "$log")" ]; then sed '$d' "$log" >"$log.whole" && mv "$log.whole" "$log"; fi
if grep -qx reverted "$log"; then
  echo "undo.sh: it was taken back already"
  exit 0
fi

# What a line of steps says: value KEY NAME. A value goes to the end of its line.
value() { sed -n "s/^$1 $2 //p" "$steps"; }
numbers() { sed -n 's/^step \([0-9]*\) .*/\1/p' "$steps"; }
things() { sed -n "s/^\(path\|write\) \($1\(\.[0-9]*\)\{0,1\}\) .*/\2/p" "$steps"; }
has() { grep -qx "$1" "$log"; }
again() { has "again $1"; }    # pcilend undo --rebuild began, and was to run the program again
begun() { has "begin $1" && ! has "undone $1" && ! has "kept $1"; }

# old, new or other: what stands at thing $2 of step $1, the file $3.
held() {
  if [ -L "$3" ] || { [ -e "$3" ] && [ ! -f "$3" ]; }; then echo other; return; fi
  if [ "$(value old "$2")" = file ]; then
    if [ -f "$3" ] && cmp -s "$here/old/$2" "$3"; then echo old; return; fi
  elif [ ! -e "$3" ]; then
    echo old
    return
  fi
  if [ "$(value step "$1")" = program ]; then
    left=$(sed -n "s/^left $2 //p" "$log" | sed -n '$p')
    if ! has "done $1" || [ -z "$left" ]; then echo new; return; fi
    now=none
    [ ! -f "$3" ] || now=$(sha256sum <"$3" | sed 's/ .*//')
    if [ "$now" = "$left" ]; then echo new; else echo other; fi
  elif [ "$(value new "$2")" = file ]; then
    if [ -f "$3" ] && cmp -s "$here/new/$2" "$3"; then echo new; else echo other; fi
  elif [ ! -e "$3" ]; then
    echo new
  else
    echo other
  fi
}

path_of() { sed -n "s/^\(path\|write\) $1 //p" "$steps"; }

# Look at everything first.
others=0
for step in $(numbers); do
  begun "$step" || continue
  case $(value step "$step") in file | program) ;; *) continue ;; esac
  [ -z "$(value undo "$step")" ] && ! again "$step" || continue
  for thing in $(things "$step"); do
    file=$root/$(path_of "$thing")
    if [ "$(held "$step" "$thing" "$file")" = other ]; then
      if [ -e "$file" ] || [ -L "$file" ]; then
        echo "undo.sh: $file was changed by somebody else since" >&2
      else
        echo "undo.sh: $file is not there: is its file system mounted?" >&2
      fi
      others=1
    fi
  done
done
if [ "$others" -ne 0 ]; then
  echo "undo.sh: nothing was touched. Compare these with $here/new and $here/old" >&2
  exit 1
fi

has undo || echo undo >>"$log"
failed=0
for step in $(numbers | sed '1!G;h;$!d'); do
  begun "$step" || continue
  kind=$(value step "$step")
  good=1
  if [ "$kind" = sysfs ] || [ "$kind" = efivar ]; then
    echo "undo.sh: /$(path_of "$step") is put back by pcilend undo, or by hand: its old value is in $here/old/$step" >&2
    good=0
  elif again "$step"; then
    echo "undo.sh: still to do in the system itself, when the files are put back: $(value argv "$step" | tr '\n' ' ')" >&2
    good=0
  elif [ -n "$(value leave "$step")" ]; then
    echo "undo.sh: left as it is, and taken back in the system itself by: $(value undo "$step" | tr '\n' ' ')"
    echo "kept $step" >>"$log"
    continue
  elif [ -n "$(value undo "$step")" ]; then
    echo "undo.sh: still to do in the system itself: $(value undo "$step" | tr '\n' ' ')" >&2
    good=0
  else
    for thing in $(things "$step"); do
      file=$root/$(path_of "$thing")
      beside=$(dirname "$file")/.$(basename "$file").pcilend
      rm -f "$beside"
      [ "$(held "$step" "$thing" "$file")" = new ] || continue
      if [ "$(value old "$thing")" = file ]; then
        # -a keeps mode, owner and times, and extended attributes where cp knows them.
        { cp -a "$here/old/$thing" "$beside" && mv -f "$beside" "$file"; } || good=0
      else
        rm -f "$file" || good=0
      fi
      [ "$good" -eq 0 ] || echo "undo.sh: put back $file"
    done
    value make "$step" | sed '1!G;h;$!d' | while read -r directory; do rmdir "$root/$directory" 2>/dev/null; done
  fi
  if [ "$good" -eq 1 ]; then echo "undone $step" >>"$log"; else failed=1; fi
done
sync
if [ "$failed" -ne 0 ]; then
  echo "undo.sh: not everything is put back; what is left is named above" >&2
  exit 4
fi
echo reverted >>"$log"
sync
echo "undo.sh: all is as it was before"
