package dev.tutti.testkit.chaos;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Machines on one switch, as network namespaces of Linux; this process is plugged in as well.
/// Needs root. Everything is removed by {@link #close()}, at the latest when this JVM ends.
public final class Lan implements AutoCloseable {
  private static final int NETWORKS = 250;

  /// The column of packets that were sent in `/proc/net/dev`.
  private static final int SENT_PACKETS = 9;

  private static final String NOWHERE = "02:00:00:00:00:01";

  private final String name = "tutti" + ProcessHandle.current().pid();
  private final String uplink;
  private final String network;
  private final List<Machine> machines = new ArrayList<>();
  private final Thread atExit = new Thread(this::remove);

  private Lan(int number) {
    this.network = "10.78." + number + ".";
    this.uplink = "tutti" + number;
  }

  /// Why there can be no such machines here, empty when there can.
  public static Optional<String> whyMissing() {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("user.name").equals("root")) {
      return Optional.of("no network namespaces (expected: root on Linux)");
    }
    String probe = "tutti-probe-" + ProcessHandle.current().pid();
    String trouble = Command.trouble(List.of("ip", "netns", "add", probe));
    if (trouble.isEmpty()) {
      trouble = Command.trouble(List.of("ip", "netns", "delete", probe));
    }
    return trouble.isEmpty() ? Optional.empty() : Optional.of("no network namespaces: " + trouble);
  }

  /// A switch with this process on it.
  public static Lan open() {
    var lan = new Lan(freeNetwork());
    Runtime.getRuntime().addShutdownHook(lan.atExit);
    try {
      lan.connect();
    } catch (IllegalStateException e) {
      lan.close();
      throw e;
    }
    return lan;
  }

  private static int freeNetwork() {
    int first = (int) (ProcessHandle.current().pid() % NETWORKS);
    for (int i = 0; i < NETWORKS; i++) {
      int number = (first + i) % NETWORKS + 1;
      try {
        if (NetworkInterface.getByName("tutti" + number) == null) {
          return number;
        }
      } catch (SocketException e) {
        throw new IllegalStateException("network interfaces: unreadable", e);
      }
    }
    throw new IllegalStateException("networks: all of 10.78 are taken (expected: a free one)");
  }

  private void connect() {
    Command.run("ip", "netns", "add", name);
    Command.run("ip", "-n", name, "link", "add", "switch", "type", "bridge");
    Command.run("ip", "-n", name, "link", "set", "switch", "up");
    Command.run(
        "ip", "link", "add", uplink, "type", "veth", "peer", "name", "port0", "netns", name);
    Command.run("ip", "-n", name, "link", "set", "port0", "master", "switch", "up");
    Command.run("ip", "address", "add", network + "1/24", "dev", uplink);
    Command.run("ip", "link", "set", uplink, "up");
  }

  /// Plugs in another machine.
  public Machine machine(String host) {
    var machine = new Machine(name + "-" + host, machines.size() + 1);
    machines.add(machine);
    machine.connect();
    return machine;
  }

  @Override
  public void close() {
    remove();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  /// Cables and addresses go with the namespaces; what is not there is no matter.
  private void remove() {
    machines.forEach(machine -> Command.trouble(List.of("ip", "netns", "delete", machine.space)));
    Command.trouble(List.of("ip", "netns", "delete", name));
  }

  /// One machine. Its programs are started behind {@link #before()}.
  public final class Machine {
    private final String space;
    private final String port;
    private final String address;

    private Machine(String space, int number) {
      this.space = space;
      this.port = "port" + number;
      this.address = network + (number + 1);
    }

    private void connect() {
      Command.run("ip", "netns", "add", space);
      Command.run(
          "ip", "link", "add", "lan", "netns", space, "type", "veth", "peer", "name", port, "netns",
          name);
      Command.run("ip", "-n", name, "link", "set", port, "master", "switch", "up");
      Command.run("ip", "-n", space, "link", "set", "lo", "up");
      Command.run("ip", "-n", space, "address", "add", address + "/24", "dev", "lan");
      Command.run("ip", "-n", space, "link", "set", "lan", "up");
      Command.run("ip", "-n", space, "route", "add", "224.0.0.0/4", "dev", "lan");
    }

    /// Where the others reach it.
    public String address() {
      return address;
    }

    /// What a command on it begins with.
    public List<String> before() {
      return List.of("ip", "netns", "exec", space);
    }

    /// Runs a command on it to its end.
    ///
    /// @return what it said
    public String run(String... words) {
      var command = new ArrayList<>(before());
      command.addAll(List.of(words));
      return Command.said(command);
    }

    /// Packets that have left it so far.
    ///
    /// @param device the network device, such as `lan`
    public long sent(String device) {
      for (String line : run("cat", "/proc/net/dev").lines().toList()) {
        if (line.strip().startsWith(device + ":")) {
          String[] figures = line.substring(line.indexOf(':') + 1).strip().split("\\s+", -1);
          return Long.parseLong(figures[SENT_PACKETS]);
        }
      }
      throw new IllegalStateException("no device " + device);
    }

    /// Pulls its cable out of the switch: nobody is told, nothing comes through.
    public void unplug() {
      Command.run("ip", "-n", name, "link", "set", port, "down");
    }

    /// Puts the cable in again.
    public void plug() {
      Command.run("ip", "-n", name, "link", "set", port, "up");
    }

    /// Loses everything from it to the other from now on, and nothing of what comes from there: its
    /// frames go to an address that nobody has.
    public void loseTo(Machine other) {
      Command.run(
          "ip",
          "-n",
          space,
          "neighbor",
          "replace",
          other.address,
          "lladdr",
          NOWHERE,
          "dev",
          "lan",
          "nud",
          "permanent");
    }

    /// Loses nothing more.
    public void loseNothingTo(Machine other) {
      Command.run("ip", "-n", space, "neighbor", "delete", other.address, "dev", "lan");
    }
  }
}
