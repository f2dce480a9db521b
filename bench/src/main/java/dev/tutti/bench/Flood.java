package dev.tutti.bench;

import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Whether honest clients notice a crowd that holds connections open with half a request each, and
/// a flood of requests that are too large: their p99 must stay within twice what it is without, and
/// the hub's memory under its bound.
final class Flood {
  /// Connections that send a request's head byte by byte.
  private static final int SLOW = 5_000;

  /// Honest clients, and how often each asks.
  private static final int HONEST = 8;

  private static final Duration BETWEEN = Duration.ofMillis(40);

  /// Oversized requests for each honest one.
  private static final int TIMES = 10;

  private static final double MOST_TIMES = 2.0;

  /// What the machine itself may add on a busy day, in milliseconds.
  private static final double NOISE_MILLIS = 5;

  private static final long MOST_KIBI = 512 * 1_024;
  private static final String LATE =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
          + "Content-Length: 1099511627776\r\n\r\n{";

  private final URI hub;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong flooded = new AtomicLong();

  private Flood(URI hub) {
    this.hub = hub;
  }

  /// Runs honest clients alone and then in the crowd, and prints what they waited.
  ///
  /// @param seconds of each of the two runs
  /// @return whether nobody noticed much
  static boolean run(int seconds) throws IOException, InterruptedException {
    try (var process = TuttiProcess.hub(TuttiProcess.Place.fresh(), "--no-discover", "--demo")) {
      var hub = URI.create(process.url());
      new Flood(hub).honest(Math.min(seconds, 5));
      List<Double> quiet = new Flood(hub).honest(seconds);
      var flood = new Flood(hub);
      List<SocketChannel> slow = flood.crowd();
      Thread dripping = Thread.ofPlatform().daemon().start(() -> flood.drip(slow));
      List<Thread> flooding = flood.pour();
      List<Double> loud = flood.honest(seconds);
      flood.over.set(true);
      dripping.join(Duration.ofSeconds(5));
      for (Thread each : flooding) {
        each.join(Duration.ofSeconds(5));
      }
      for (SocketChannel each : slow) {
        each.close();
      }
      return tell(quiet, loud, flood.flooded.get(), process.residentKibi());
    }
  }

  private static boolean tell(List<Double> quiet, List<Double> loud, long flooded, long kibi) {
    double before = percentile(quiet, 0.99);
    double during = percentile(loud, 0.99);
    System.out.printf(
        Locale.ROOT,
        "honest alone:            %6d answers   p50 %7.1f ms   p99 %7.1f ms%n",
        quiet.size(),
        percentile(quiet, 0.5),
        before);
    System.out.printf(
        Locale.ROOT,
        "with %d slow and %d too large: %6d answers   p50 %7.1f ms   p99 %7.1f ms%n",
        SLOW,
        flooded,
        loud.size(),
        percentile(loud, 0.5),
        during);
    System.out.printf(Locale.ROOT, "VmRSS of the hub: %.1f MB%n", kibi / 1024.0);
    boolean good = during <= MOST_TIMES * before + NOISE_MILLIS && kibi <= MOST_KIBI;
    System.out.println(good ? "good" : "BAD: honest clients notice");
    return good;
  }

  private static double percentile(List<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get((int) Math.min(sorted.size() - 1.0, Math.floor(sorted.size() * share)));
  }

  /// What honest clients wait, in milliseconds; a refused or lost request is an error at once.
  private List<Double> honest(int seconds) throws InterruptedException {
    var took = new ConcurrentLinkedQueue<Double>();
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    var threads = new ArrayList<Thread>();
    try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < HONEST; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  while (System.nanoTime() < end) {
                    took.add(ask(http));
                    LockSupport.parkNanos(BETWEEN.toNanos());
                  }
                }));
      }
      for (Thread each : threads) {
        each.join();
      }
    }
    return List.copyOf(took);
  }

  private double ask(HttpClient http) {
    var request =
        HttpRequest.newBuilder(hub.resolve("/v1/models")).timeout(Duration.ofSeconds(20)).build();
    long begin = System.nanoTime();
    try {
      int status = http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
      if (status != 200) {
        throw new IllegalStateException("status: " + status + " (expected: 200)");
      }
    } catch (IOException e) {
      // A kept-alive connection may just have made room: asked again, as every client does.
      return 2 * (System.nanoTime() - begin) / 1e6 + ask(http);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
    return (System.nanoTime() - begin) / 1e6;
  }

  private List<SocketChannel> crowd() throws IOException {
    var all = new ArrayList<SocketChannel>();
    for (int i = 0; i < SLOW; i++) {
      all.add(connect());
    }
    return all;
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(address());
    channel.configureBlocking(false);
    channel.write(bytes("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
    return channel;
  }

  private InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), hub.getPort());
  }

  /// Each gets a byte now and then; one that was closed comes again.
  private void drip(List<SocketChannel> crowd) {
    int i = 0;
    while (!over.get()) {
      int at = i % crowd.size();
      try {
        crowd.get(at).write(bytes("x"));
      } catch (IOException _) {
        try {
          crowd.get(at).close();
          crowd.set(at, connect());
        } catch (IOException _) {
          // Refused: the next one's turn.
        }
      }
      i++;
      LockSupport.parkNanos(500_000);
    }
  }

  private List<Thread> pour() {
    var threads = new ArrayList<Thread>();
    long pause = BETWEEN.toNanos() / TIMES;
    for (int i = 0; i < HONEST; i++) {
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                while (!over.get()) {
                  tooLarge();
                  LockSupport.parkNanos(pause);
                }
              }));
    }
    return threads;
  }

  private void tooLarge() {
    try (var socket = new Socket()) {
      socket.connect(address(), 2_000);
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write(LATE.getBytes(StandardCharsets.US_ASCII));
      if (socket.getInputStream().read() >= 0) {
        flooded.incrementAndGet();
      }
    } catch (IOException _) {
      // It is a flood: nobody minds.
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
