/* exercise - uses each PCI device of the tiny guest and says on standard output what came of it.
 *
 * A line for each device that it knows how to use:
 *     guest ADDRESS VENDOR:DEVICE nvme "the first 64 bytes of the sector that was read"
 *     guest ADDRESS VENDOR:DEVICE network MAC link up|down
 *     guest ADDRESS VENDOR:DEVICE display N words of video memory kept: written, and read back the same
 *     guest ADDRESS VENDOR:DEVICE ... failed: STEP: why
 * and last "guest done: N used, N failed". The status is 0 when none failed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICES "/sys/bus/pci/devices"
enum { SECTOR_BYTES = 512, SHOWN_BYTES = 64, VIDEO_BYTES = 1 << 20, WAIT_STEP_MS = 100, WAIT_STEPS = 600 };

static int n_used, n_failed;

/* One line of a small file without its end; an empty text where it cannot be read. */
static void
read_line (const char *path, char *line, size_t size)
{
  line[0] = '\0';
  FILE *file = fopen (path, "re");
  if (file == NULL)
    return;
  if (fgets (line, (int) size, file) == NULL)
    line[0] = '\0';
  line[strcspn (line, "\n")] = '\0';
  fclose (file);
}

static unsigned long
read_number (const char *folder, const char *name)
{
  char path[512], line[64];
  snprintf (path, sizeof path, "%s/%s", folder, name);
  read_line (path, line, sizeof line);
  return strtoul (line, NULL, 16);
}

/* The first name in a folder that begins with prefix; waits for it, because drivers find their devices when
 * they please. */
static bool
wait_for_name (const char *folder, const char *prefix, char *name, size_t size)
{
  for (int i = 0; i < WAIT_STEPS; i++) {
    DIR *directory = opendir (folder);
    struct dirent *entry;
    bool found = false;
    while (directory != NULL && !found && (entry = readdir (directory)) != NULL)
      if (entry->d_name[0] != '.' && strncmp (entry->d_name, prefix, strlen (prefix)) == 0) {
        snprintf (name, size, "%.200s", entry->d_name);
        found = true;
      }
    if (directory != NULL)
      closedir (directory);
    if (found)
      return true;
    poll (NULL, 0, WAIT_STEP_MS);
  }
  errno = ETIMEDOUT;
  return false;
}

static bool
failed (const char *what, const char *step)
{
  printf ("%s failed: %s: %s\n", what, step, strerror (errno));
  return false;
}

static bool
use_nvme (const char *folder)
{
  char path[512], controller[256], disk[256], sector[SECTOR_BYTES];
  snprintf (path, sizeof path, "%s/nvme", folder);
  if (!wait_for_name (path, "nvme", controller, sizeof controller))
    return failed ("nvme", "waiting for the driver");
  snprintf (path, sizeof path, "%s/nvme/%s", folder, controller);
  if (!wait_for_name (path, controller, disk, sizeof disk))
    return failed ("nvme", "waiting for the disk");
  snprintf (path, sizeof path, "/dev/%s", disk);
  int fd = -1;
  for (int i = 0; i < WAIT_STEPS && fd < 0; i++, poll (NULL, 0, WAIT_STEP_MS))
    fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read (fd, sector, sizeof sector) != sizeof sector)
    return failed ("nvme", path);
  printf ("nvme \"%.*s\"\n", SHOWN_BYTES, sector);
  close (fd);
  return true;
}

static bool
use_network (const char *folder)
{
  char path[512], name[256], mac[64], carrier[8] = "";
  snprintf (path, sizeof path, "%s/net", folder);
  if (!wait_for_name (path, "", name, sizeof name))
    return failed ("network", "waiting for the driver");
  struct ifreq request = { 0 };
  snprintf (request.ifr_name, sizeof request.ifr_name, "%.15s", name);
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl (fd, SIOCGIFFLAGS, &request) < 0)
    return failed ("network", "flags of the interface");
  request.ifr_flags |= IFF_UP;
  if (ioctl (fd, SIOCSIFFLAGS, &request) < 0)
    return failed ("network", "switching the interface on");
  close (fd);
  snprintf (path, sizeof path, "%s/net/%s/address", folder, name);
  read_line (path, mac, sizeof mac);
  snprintf (path, sizeof path, "%s/net/%s/carrier", folder, name);
  for (int i = 0; i < WAIT_STEPS && carrier[0] != '1'; i++, poll (NULL, 0, WAIT_STEP_MS))
    read_line (path, carrier, sizeof carrier);
  printf ("network %s link %s\n", mac, carrier[0] == '1' ? "up" : "down");
  return carrier[0] == '1';
}

/* The first memory region of a display device of QEMU is its video memory. Source: QEMU 7.2,
 * hw/display/ati.c, vga-pci.c. */
static bool
use_display (const char *folder)
{
  char path[512];
  snprintf (path, sizeof path, "%s/enable", folder);
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write (fd, "1", 1) != 1)
    return failed ("display", "enabling it");
  close (fd);
  snprintf (path, sizeof path, "%s/resource0", folder);
  fd = open (path, O_RDWR | O_CLOEXEC);
  volatile uint32_t *memory
      = fd < 0 ? MAP_FAILED : mmap (NULL, VIDEO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    return failed ("display", path);
  close (fd);
  enum { STEP_WORDS = 1021 };
  const size_t n_words = VIDEO_BYTES / sizeof *memory;
  for (size_t i = 0; i < n_words; i += STEP_WORDS)
    memory[i] = (uint32_t) (i * 2654435761u) ^ 0x70636c64u;
  for (size_t i = 0; i < n_words; i += STEP_WORDS)
    if (memory[i] != ((uint32_t) (i * 2654435761u) ^ 0x70636c64u)) {
      errno = EIO;
      return failed ("display", "reading back what was written to video memory");
    }
  printf ("display %zu words of video memory kept\n", n_words / STEP_WORDS + 1);
  return true;
}

static void
use (const char *address)
{
  char folder[300];
  snprintf (folder, sizeof folder, DEVICES "/%.200s", address);
  unsigned long class = read_number (folder, "class") >> 8;
  bool (*how) (const char *) = class == 0x0108      ? use_nvme
                               : class == 0x0200    ? use_network
                               : class >> 8 == 0x03 ? use_display
                                                    : NULL;
  if (how == NULL)
    return;
  printf ("guest %s %04lx:%04lx ", address + strlen ("0000:"), read_number (folder, "vendor"),
          read_number (folder, "device"));
  if (how (folder))
    n_used++;
  else
    n_failed++;
  fflush (stdout);
}

int
main (void)
{
  struct dirent **entries;
  int n = scandir (DEVICES, &entries, NULL, alphasort);
  for (int i = 0; i < n; i++) {
    if (entries[i]->d_name[0] != '.')
      use (entries[i]->d_name);
    free (entries[i]);
  }
  if (n >= 0)
    free (entries);
  printf ("guest done: %d used, %d failed\n", n_used, n_failed);
  return n_failed != 0;
}
