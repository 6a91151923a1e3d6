/* probe ADDRESS... - asks the kernel whether devices can be lent, as a virtual machine monitor would.
 *
 * For each device: open its IOMMU group, put it into a container, set the IOMMU (which attaches the group),
 * open the device and ask for its regions. The group's flags alone are not enough: they may say viable where
 * the attaching is refused. Prints a line for each device: "ADDRESS opened, N regions", or the step that
 * failed and why. Status 0 when all were opened, 1 when the kernel refused one, 2 for wrong usage.
 *
 * Source: Documentation/driver-api/vfio.rst, "VFIO Usage Example"; linux/vfio.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/limits.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define N_MOST 32

/* The groups that are open, each once: a group can be opened once only. */
static struct {
  char name[16];
  int fd;
} groups[N_MOST];
static int n_groups;

static int
refused (const char *address, const char *step)
{
  printf ("%s refused: %s: %s\n", address, step, strerror (errno));
  return 1;
}

/* Sets *fd to the group's descriptor with its IOMMU set; gives NULL, or the step that failed. */
static const char *
open_group (const char *name, int container, int *fd)
{
  for (int i = 0; i < n_groups; i++)
    if (strcmp (groups[i].name, name) == 0) {
      *fd = groups[i].fd;
      return NULL;
    }
  char path[64];
  snprintf (path, sizeof path, "/dev/vfio/%.32s", name);
  *fd = open (path, O_RDWR | O_CLOEXEC);
  if (*fd < 0)
    return "opening the group";
  struct vfio_group_status status = { .argsz = sizeof status };
  if (ioctl (*fd, VFIO_GROUP_GET_STATUS, &status) < 0)
    return "status of the group";
  if ((status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0) {
    errno = EPERM;
    return "the group is not viable";
  }
  if (ioctl (*fd, VFIO_GROUP_SET_CONTAINER, &container) < 0)
    return "putting the group into a container";
  /* The first group sets the IOMMU of the container, further ones are attached to it when they are put in. */
  if (n_groups == 0 && ioctl (container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
    return "attaching the group to the IOMMU";
  snprintf (groups[n_groups].name, sizeof groups[n_groups].name, "%.15s", name);
  groups[n_groups++].fd = *fd;
  return NULL;
}

static int
probe (const char *address, int container)
{
  char link[64], target[PATH_MAX];
  snprintf (link, sizeof link, "/sys/bus/pci/devices/%.16s/iommu_group", address);
  ssize_t length = readlink (link, target, sizeof target - 1);
  if (length < 0)
    return refused (address, "finding its group");
  target[length] = '\0';
  int group, device;
  const char *step = open_group (basename (target), container, &group);
  if (step != NULL)
    return refused (address, step);
  device = ioctl (group, VFIO_GROUP_GET_DEVICE_FD, address);
  if (device < 0)
    return refused (address, "opening the device");
  struct vfio_device_info info = { .argsz = sizeof info };
  if (ioctl (device, VFIO_DEVICE_GET_INFO, &info) < 0)
    return refused (address, "information on the device");
  printf ("%s opened, %u regions\n", address, info.num_regions);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc < 2 || argc > N_MOST)
    return 2;
  int container = open ("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
  if (container < 0)
    return refused (argv[1], "opening the container");
  int status = 0;
  for (int i = 1; i < argc; i++)
    status |= probe (argv[i], container);
  return status;
}
