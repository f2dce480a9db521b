package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Names listening sockets, so that one engine reached by two addresses, or by the hub and an
/// agent, is known as one. Two addresses that share a key lead to the same socket.
///
/// An engine of this machine has the key `MACHINE:PORT` and `IP:PORT` for each address under which
/// others may see it; an engine elsewhere has `IP:PORT` for each address of its host. A path before
/// the engine's own paths is part of a key, since one proxy may stand for many engines. The hub and
/// the agents use the same class, so their keys can be compared.
public final class AddressKeys {
  /// Keys of one engine at most; so many addresses has no machine at home.
  public static final int MAX_KEYS = 32;

  /// Interfaces whose addresses are the same on many machines: bridges to containers and virtual
  /// machines, and tunnels.
  private static final List<String> REPEATED_INTERFACES =
      List.of(
          "docker", "br-", "veth", "virbr", "vboxnet", "vmnet", "bridge", "lxc", "lxd", "cni",
          "flannel", "cali", "podman", "utun", "awdl", "llw");

  private final Vertx vertx;
  private final String machineKey;

  /// Keys for the machine this process runs on.
  ///
  /// @param machineKey what {@link MachineKey#read()} gave
  public AddressKeys(Vertx vertx, String machineKey) {
    this.vertx = vertx;
    this.machineKey = machineKey;
  }

  /// The keys of the engine at that address, 1 to {@value #MAX_KEYS}. Names are looked up on a
  /// thread of their own; the future completes on the caller's loop.
  ///
  /// @return fails with {@link MeshException} `ENGINE_UNREACHABLE` when the host has no address
  public Future<Set<String>> of(EngineAddress address) {
    Context context = vertx.getOrCreateContext();
    Promise<Set<String>> promise = Promise.promise();
    Thread.ofVirtual()
        .name("address-keys")
        .start(() -> {
          try {
            Set<String> keys = lookUp(address);
            context.runOnContext(_ -> promise.complete(keys));
          } catch (MeshException unknown) {
            context.runOnContext(_ -> promise.fail(unknown));
          }
        });
    return promise.future();
  }

  /// Like {@link #of}, and waits for the name service. Never on an event loop.
  Set<String> lookUp(EngineAddress address) {
    try {
      return keys(address, List.of(InetAddress.getAllByName(address.host())), Local.read());
    } catch (UnknownHostException unknown) {
      throw new MeshException(
          Failure.of(
              FailureCode.ENGINE_UNREACHABLE,
              Retry.SAFE_NOT_STARTED,
              "host: " + address.host() + " has no address"),
          unknown);
    }
  }

  /// The addresses of this machine.
  ///
  /// @param all every one of them
  /// @param seen those under which other machines may see it
  record Local(Set<InetAddress> all, Set<InetAddress> seen) {
    static Local read() {
      Set<InetAddress> all = new LinkedHashSet<>();
      Set<InetAddress> seen = new LinkedHashSet<>();
      try {
        for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
          boolean repeated = isRepeated(card.getName());
          for (InetAddress address : Collections.list(card.getInetAddresses())) {
            all.add(address);
            if (!repeated && !address.isLoopbackAddress() && !address.isLinkLocalAddress()) {
              seen.add(address);
            }
          }
        }
      } catch (SocketException _) {
        // Without interfaces only loopback is known to be this machine, which is always true.
      }
      return new Local(all, seen);
    }
  }

  static boolean isRepeated(String interfaceName) {
    String name = interfaceName.toLowerCase(Locale.ROOT);
    return REPEATED_INTERFACES.stream().anyMatch(name::startsWith);
  }

  Set<String> keys(EngineAddress address, List<InetAddress> hosts, Local local) {
    String rest = ":" + address.port() + address.basePath();
    Set<String> keys = new TreeSet<>();
    boolean here = false;
    for (InetAddress host : hosts) {
      if (host.isLoopbackAddress() || host.isAnyLocalAddress() || local.all().contains(host)) {
        here = true;
      } else if (keys.size() < MAX_KEYS) {
        keys.add(plain(host) + rest);
      }
    }
    if (here) {
      keys.clear();
      keys.add(machineKey + rest);
      for (InetAddress own : local.seen()) {
        if (keys.size() < MAX_KEYS) {
          keys.add(plain(own) + rest);
        }
      }
    }
    return keys;
  }

  /// Without the name and without the interface an IPv6 address was seen on.
  private static String plain(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }
}
