# Has vfio-pci take the functions listed at the end, by their addresses, before their own drivers can: all of them, or none.
#
# Where one of them is not what it was when this was written, or one that is like it and stays with the host, addresses have
# moved, and the device there may be one that the host needs: then nothing is done. Made by pcilend, which adds and drops lines of the list; once anybody else has changed
# anything here, it leaves the file alone. What it has to say is in the kernel's log: dmesg | grep pcilend
#
# /sbin/modprobe, because a busybox may have one of its own, which knows less.
pcilend_bind() (
  pci=/sys/bus/pci
  say() { { echo "pcilend: $*" >/dev/kmsg; } 2>/dev/null; }
  has() { { read -r now <"$pci/devices/$1/$2"; } 2>/dev/null && [ "$now" = "$3" ]; }

  # ADDRESS VENDOR DEVICE SUBSYSTEM-VENDOR SUBSYSTEM-DEVICE BASE-CLASS: never a disk's controller, class 01.
  is_right() {
    if has "$1" vendor "$2" && has "$1" device "$3" && has "$1" subsystem_vendor "$4" && has "$1" subsystem_device "$5" &&
      { read -r class <"$pci/devices/$1/class"; } 2>/dev/null; then
      case $class in
      0x01*) ;;
      "$6"*)
        if [ "$7" = stay ] || has "$1" driver_override '(null)' || has "$1" driver_override '' || has "$1" driver_override vfio-pci; then
          return 0
        fi
        say "the driver_override of $1 is somebody else's, so no device is lent"
        return 1
        ;;
      esac
    fi
    say "$1 is another device now, so none is lent; plan again"
    return 1
  }
  claim() {
    [ "$7" != stay ] || return 0
    { echo vfio-pci >"$pci/devices/$1/driver_override"; } 2>/dev/null && has "$1" driver_override vfio-pci
  }
  release() {
    if [ "$7" != stay ] && has "$1" driver_override vfio-pci && [ ! -e "$pci/drivers/vfio-pci/$1" ]; then
      { echo >"$pci/devices/$1/driver_override"; } 2>/dev/null
    fi
    return 0
  }

  # The seventh word says whether the function stays, and whether a driver that is part of the kernel, and so was there first,
  # is taken off.
  take() {
    [ "$7" != stay ] || return 0
    if [ "$7" = unbind ] && [ -e "$pci/devices/$1/driver" ] && [ ! -e "$pci/drivers/vfio-pci/$1" ]; then
      { echo "$1" >"$pci/devices/$1/driver/unbind"; } 2>/dev/null
    fi
    if [ ! -e "$pci/devices/$1/driver" ]; then
      { echo "$1" >"$pci/drivers_probe"; } 2>/dev/null
    fi
    [ -e "$pci/drivers/vfio-pci/$1" ] || say "vfio-pci did not take $1"
    return 0
  }
  each() {
@functions@
  }

  if ! each is_right; then
    :
  elif each claim && /sbin/modprobe vfio-pci; then
    each take
  else
    each release
    say "vfio-pci could not be loaded, or a driver_override not be set, so no device is lent"
  fi
  exit 0
)
