/* network.c - network interfaces: whose they are, and whether the host talks through them.
 *
 * Hardware addresses are never asked for. Network addresses are wiped in the door: whether there is one is
 * all that counts here.
 */
#include "machine/readers.h"
#include "machine/reading.h"

#include <string.h>

/* What is known of an interface: by the routing tables, and UNCLEAR where what stands on it could not be
 * read. */
enum { ROUTE = 1, DEFAULT_ROUTE = 2, UNCLEAR = 4 };

/* Puts @text in the place of a word of the same length. */
static void
overwrite (struct pl_span word, const char *text)
{
  memcpy ((char *) word.at, text, MIN (word.size, strlen (text)));
}

static void
wipe (struct pl_span word)
{
  memset ((char *) word.at, '0', word.size);
}

/* Interface, destination, gateway, flags, three counters, mask. Addresses are written as the processor holds
 * their four bytes. Source: man 5 proc_pid_net, route; net/ipv4/fib_trie.c, fib_route_seq_show(). */
struct route4 {
  struct pl_span name, destination, gateway, mask;
  guint64 flags;
};

static bool
split_route4 (struct pl_span line, struct route4 *route)
{
  struct pl_span flags, counter;
  return pl_span_take_word_into (&line, &route->name) && pl_span_take_word_into (&line, &route->destination)
         && route->destination.size == 8 && pl_span_take_word_into (&line, &route->gateway)
         && route->gateway.size == 8 && pl_span_take_word_into (&line, &flags)
         && pl_span_number (flags, 16, &route->flags) && pl_span_take_word_into (&line, &counter)
         && pl_span_take_word_into (&line, &counter) && pl_span_take_word_into (&line, &counter)
         && pl_span_take_word_into (&line, &route->mask) && route->mask.size == 8;
}

/* Source: include/uapi/linux/route.h. */
#define RTF_UP 0x1
#define RTF_REJECT 0x200

/* Leaves the lines of routes that lead somewhere, link-local ones (169.254.0.0/16) not; who is there is
 * wiped. */
static gsize
edit_route4 (char *text, gsize length, void *data)
{
  struct route4 route;
  (void) data;
  if (!split_route4 ((struct pl_span){ text, length }, &route) || (route.flags & RTF_UP) == 0
      || (route.flags & RTF_REJECT) != 0 || pl_span_is (route.destination, "0000FEA9")
      || pl_span_is (route.destination, "A9FE0000"))
    return 0;
  if (!pl_span_is (route.destination, "00000000"))
    overwrite (route.destination, "0000000A");
  wipe (route.gateway);
  /* Behind the mask stand what nobody needs, and blanks up to the 128th column. */
  return (gsize) (route.mask.at - text) + route.mask.size;
}

/* Destination, its prefix's length, source, its prefix's length, gateway, metric, two counters, flags,
 * interface. Source: net/ipv6/route.c, rt6_fill_node() for /proc: ipv6_route_seq_show(). */
struct route6 {
  struct pl_span destination, length, source, gateway, name;
  guint64 flags;
};

static bool
split_route6 (struct pl_span line, struct route6 *route)
{
  struct pl_span word, flags;
  return pl_span_take_word_into (&line, &route->destination) && route->destination.size == 32
         && pl_span_take_word_into (&line, &route->length) && pl_span_take_word_into (&line, &route->source)
         && pl_span_take_word_into (&line, &word) && pl_span_take_word_into (&line, &route->gateway)
         && pl_span_take_word_into (&line, &word) && pl_span_take_word_into (&line, &word)
         && pl_span_take_word_into (&line, &word) && pl_span_take_word_into (&line, &flags)
         && pl_span_number (flags, 16, &route->flags) && pl_span_take_word_into (&line, &route->name);
}

/* fe80::/10 and ff00::/8: every interface that is up has these. Source: RFC 4291, sections 2.5.6 and 2.7. */
static bool
is_local6 (struct pl_span address)
{
  static const char *const beginnings[] = { "ff", "fe8", "fe9", "fea", "feb" };
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (pl_span_starts_any_case (address, beginnings[i]))
      return true;
  return false;
}

static gsize
edit_route6 (char *text, gsize length, void *data)
{
  struct route6 route;
  (void) data;
  if (!split_route6 ((struct pl_span){ text, length }, &route) || (route.flags & RTF_UP) == 0
      || (route.flags & RTF_REJECT) != 0 || is_local6 (route.destination) || pl_span_is (route.name, "lo"))
    return 0;
  if (!pl_span_is (route.length, "00")) {
    wipe (route.destination);
    overwrite (route.destination, "2");
  }
  wipe (route.source);
  wipe (route.gateway);
  return length;
}

/* Address, interface's number, prefix's length, scope, flags, interface. The scope 00 is global, 40 site, 20
 * link, 10 host. Source: net/ipv6/addrconf.c, if6_seq_show(); include/net/ipv6.h, IPV6_ADDR_LINKLOCAL. */
struct address6 {
  struct pl_span address, scope, name;
};

static bool
split_address6 (struct pl_span line, struct address6 *address)
{
  struct pl_span word;
  return pl_span_take_word_into (&line, &address->address) && address->address.size == 32
         && pl_span_take_word_into (&line, &word) && pl_span_take_word_into (&line, &word)
         && pl_span_take_word_into (&line, &address->scope) && pl_span_take_word_into (&line, &word)
         && pl_span_take_word_into (&line, &address->name);
}

static gsize
edit_address6 (char *text, gsize length, void *data)
{
  struct address6 address;
  (void) data;
  if (!split_address6 ((struct pl_span){ text, length }, &address) || pl_span_is (address.scope, "20")
      || pl_span_is (address.scope, "10"))
    return 0;
  wipe (address.address);
  return length;
}

static void
mark (GHashTable *routes, struct pl_span name, guint marks)
{
  g_autofree char *key = g_strndup (name.at, name.size);
  marks |= GPOINTER_TO_UINT (g_hash_table_lookup (routes, key));
  g_hash_table_replace (routes, g_steal_pointer (&key), GUINT_TO_POINTER (marks));
}

static void
mark_route4 (struct pl_span line, GHashTable *routes)
{
  struct route4 route;
  if (split_route4 (line, &route))
    mark (routes, route.name,
          pl_span_is (route.destination, "00000000") && pl_span_is (route.mask, "00000000")
              ? ROUTE | DEFAULT_ROUTE
              : ROUTE);
}

static void
mark_route6 (struct pl_span line, GHashTable *routes)
{
  struct route6 route;
  if (split_route6 (line, &route))
    mark (routes, route.name, pl_span_is (route.length, "00") ? ROUTE | DEFAULT_ROUTE : ROUTE);
}

static void
mark_address6 (struct pl_span line, GHashTable *routes)
{
  struct address6 address;
  if (split_address6 (line, &address))
    mark (routes, address.name, ROUTE);
}

/* What all tables say: name -> marks. A table that is not there belongs to a protocol that the kernel does
 * not speak; of no table at all nothing is known. */
static GHashTable *
read_routes (struct pl_root *root, enum pl_state *state)
{
  static const struct {
    const char *path;
    pl_line_editor edit;
    void (*mark) (struct pl_span line, GHashTable *routes);
  } tables[] = { { "proc/net/route", edit_route4, mark_route4 },
                 { "proc/net/ipv6_route", edit_route6, mark_route6 },
                 { "proc/net/if_inet6", edit_address6, mark_address6 } };
  GHashTable *routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  struct pl_buffer buffer = PL_BUFFER_INIT;
  guint n_absent = 0;
  *state = PL_KNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++) {
    enum pl_state found = pl_root_read_edited (root, tables[i].path, tables[i].edit, NULL, &buffer);
    struct pl_lines lines = pl_lines_of (&buffer);
    struct pl_span line;
    while (pl_lines_take (&lines, &line))
      tables[i].mark (line, routes);
    n_absent += found == PL_ABSENT;
    pl_state_lower (state, found);
  }
  pl_buffer_clear (&buffer);
  if (n_absent == G_N_ELEMENTS (tables))
    *state = PL_UNREAD;
  return routes;
}

/* "bonding_masters" is a file. Source: Documentation/networking/bonding.rst. */
static bool
want_interface (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return strcmp (name, "bonding_masters") != 0;
}

static bool
want_upper (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return g_str_has_prefix (name, "upper_");
}

/* Source: Documentation/ABI/testing/sysfs-class-net, carrier; net/core/net-sysfs.c, carrier_show(): EINVAL
 * while the interface is down; net/core/dev.c, netdev_adjacent_sysfs_add(): "upper_NAME". */
static struct pl_interface *
read_interface (struct pl_machine *machine, const struct pl_class *class)
{
  struct pl_interface *interface = g_new0 (struct pl_interface, 1);
  struct pl_directory directory;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  g_autoptr (GPtrArray) names = NULL;
  interface->name = pl_machine_string (machine, class->name, -1);
  interface->has_owner = class->has_owner;
  interface->owner = class->owner;
  pl_directory_open_in (&directory, &class->directory, class->name);
  interface->carrier_state = pl_directory_read (&directory, "carrier", &buffer);
  struct pl_span text = { buffer.bytes, buffer.size };
  interface->carrier = pl_span_is (text, "1\n") || pl_span_is (text, "1");
  if (interface->carrier_state == PL_KNOWN && !interface->carrier && !pl_span_starts (text, "0"))
    interface->carrier_state = PL_INVALID;
  pl_buffer_clear (&buffer);

  interface->uppers_state = pl_directory_list_some (&directory, want_upper, NULL, &names);
  pl_directory_close (&directory);
  GPtrArray *uppers = pl_machine_keep_list (machine, g_ptr_array_new ());
  for (guint i = 0; i < names->len; i++) {
    const char *name = (const char *) g_ptr_array_index (names, i) + strlen ("upper_");
    g_ptr_array_add (uppers, (char *) pl_machine_string (machine, name, -1));
  }
  interface->uppers = uppers;
  return interface;
}

static void
mark_unclear (const struct pl_interface *interface, GHashTable *routes)
{
  enum pl_state state = PL_KNOWN;
  pl_state_lower (&state, interface->uppers_state);
  if (state != PL_KNOWN)
    mark (routes, (struct pl_span){ interface->name, strlen (interface->name) }, UNCLEAR);
}

/* Gives each interface the marks of what stands on it: a bridge's route is that of its port. Each interface
 * is passed on once for each new mark that it gets, so that rings of interfaces end too. */
static void
hand_down (const GPtrArray *interfaces, GHashTable *routes)
{
  g_autoptr (GHashTable) lowers
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();
  for (guint i = 0; i < interfaces->len; i++) {
    const struct pl_interface *interface = g_ptr_array_index (interfaces, i);
    for (guint upper = 0; upper < interface->uppers->len; upper++) {
      char *name = g_ptr_array_index (interface->uppers, upper);
      GPtrArray *below = g_hash_table_lookup (lowers, name);
      if (below == NULL)
        g_hash_table_insert (lowers, name, below = g_ptr_array_new ());
      g_ptr_array_add (below, (char *) interface->name);
    }
    mark_unclear (interface, routes);
    g_ptr_array_add (waiting, (char *) interface->name);
  }
  while (waiting->len > 0) {
    const char *name = g_ptr_array_steal_index_fast (waiting, waiting->len - 1);
    guint marks = GPOINTER_TO_UINT (g_hash_table_lookup (routes, name));
    const GPtrArray *below = g_hash_table_lookup (lowers, name);
    for (guint i = 0; below != NULL && i < below->len; i++) {
      char *lower = g_ptr_array_index (below, i);
      guint old = GPOINTER_TO_UINT (g_hash_table_lookup (routes, lower));
      if ((old | marks) != old) {
        g_hash_table_replace (routes, g_strdup (lower), GUINT_TO_POINTER (old | marks));
        g_ptr_array_add (waiting, lower);
      }
    }
  }
}

void
pl_read_interfaces (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_class class;
  GPtrArray *interfaces = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  pl_class_open (&class, machine, root, "sys/class/net", want_interface, NULL);
  while (pl_class_next (&class))
    g_ptr_array_add (interfaces, read_interface (machine, &class));
  pl_machine_set_interfaces (machine, class.state, interfaces);
  pl_class_close (&class);

  enum pl_state state;
  g_autoptr (GHashTable) routes = read_routes (root, &state);
  hand_down (interfaces, routes);
  for (guint i = 0; i < interfaces->len; i++) {
    struct pl_interface *interface = g_ptr_array_index (interfaces, i);
    guint marks = GPOINTER_TO_UINT (g_hash_table_lookup (routes, interface->name));
    interface->routes_state = state == PL_KNOWN && (marks & UNCLEAR) != 0 ? PL_UNREAD : state;
    interface->has_route = (marks & ROUTE) != 0;
    interface->has_default_route = (marks & DEFAULT_ROUTE) != 0;
  }
}
