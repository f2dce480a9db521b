package dev.tutti.app.cli;

import dev.tutti.core.Address;
import dev.tutti.core.Outbound;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// Looks for engines that are open to a network: asks every address of it, and only because its
/// owner asked for that. Blocks.
final class LanScan {
  /// The most addresses that are asked: a network of /22.
  static final int MAX_ADDRESSES = 1_024;

  /// Addresses that are asked at a time.
  static final int AT_A_TIME = 64;

  /// How long one may take to accept a connection, and then to answer all of it.
  static final Duration WITHIN = Duration.ofMillis(700);

  private static final int MAX_ANSWER_BYTES = 64 * 1024;

  private LanScan() {}

  /// An Ollama that answers whoever asks.
  ///
  /// @param address where
  /// @param version as it says
  record Open(String address, String version) {}

  /// The addresses of a network such as `192.168.1.0/24`.
  ///
  /// @throws CliException for anything but a private network that is small enough
  static List<InetAddress> addresses(String network) {
    String[] parts = network.split("/", -1);
    Optional<InetAddress> base = Address.literal(parts[0]);
    boolean fits =
        parts.length == 2
            && base.filter(each -> each.getAddress().length == 4).isPresent()
            && parts[1].matches("2[2-9]|3[0-2]");
    if (!fits) {
      throw new CliException(
          Exit.USAGE, "--scan-lan: " + network + " (expected: a network such as 192.168.1.0/24)");
    }
    int bits = Integer.parseInt(parts[1]);
    byte[] bytes = base.orElseThrow().getAddress();
    int first = java.nio.ByteBuffer.wrap(bytes).getInt() & (int) (0xffffffffL << (32 - bits));
    var all = new ArrayList<InetAddress>();
    for (int i = 0; i < 1 << (32 - bits); i++) {
      all.add(address(first + i));
    }
    if (all.stream().anyMatch(each -> Outbound.NEIGHBOUR.objectionTo(each).isPresent())) {
      throw new CliException(
          Exit.USAGE, "--scan-lan: " + network + " (expected: a private network)");
    }
    return all;
  }

  private static InetAddress address(int bits) {
    try {
      return InetAddress.getByAddress(java.nio.ByteBuffer.allocate(4).putInt(bits).array());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  /// Those that answer as an Ollama at that port.
  static List<Open> ollamas(List<InetAddress> addresses, int port) {
    var gate = new Semaphore(AT_A_TIME);
    try (var http = Glance.client(WITHIN);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked =
          addresses.stream()
              .map(address -> threads.submit(() -> ask(http, gate, address, port)))
              .toList();
      var open = new ArrayList<Open>();
      for (var each : asked) {
        each.get().ifPresent(open::add);
      }
      return open;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(Exit.FAILED, "interrupted", e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("the scan failed", e);
    }
  }

  private static Optional<Open> ask(HttpClient http, Semaphore gate, InetAddress address, int port)
      throws InterruptedException {
    gate.acquire();
    try {
      return listens(address, port) ? version(http, address, port) : Optional.empty();
    } finally {
      gate.release();
    }
  }

  private static boolean listens(InetAddress address, int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), (int) WITHIN.toMillis());
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static Optional<Open> version(HttpClient http, InetAddress address, int port)
      throws InterruptedException {
    var where = address.getHostAddress() + ":" + port;
    return Glance.at(http, URI.create("http://" + where + "/api/version"), WITHIN, MAX_ANSWER_BYTES)
        .filter(body -> body.has("version"))
        .map(body -> new Open(where, Json.text(body, "version")));
  }
}
