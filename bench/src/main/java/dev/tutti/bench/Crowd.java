package dev.tutti.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// The crowd of {@link Flood}, in a process of its own at the lowest priority: in the field it has
/// machines of its own, and what it costs itself is not what honest clients pay.
final class Crowd {
  /// Connections that send a request's head byte by byte.
  static final int SLOW = 5_000;

  /// Said when all of them are there.
  static final String READY = "ready";

  private static final int POURING = 8;
  private static final String LATE =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
          + "Content-Length: 1099511627776\r\n\r\n{";

  private final URI hub;
  private final AtomicLong flooded = new AtomicLong();

  private Crowd(URI hub) {
    this.hub = hub;
  }

  /// Holds and pours until its input ends, then says how many oversized requests were answered.
  ///
  /// @param perSecond oversized requests
  static boolean run(URI hub, int perSecond) throws IOException {
    var crowd = new Crowd(hub);
    List<SocketChannel> slow = crowd.gather();
    Thread.ofPlatform().daemon().start(() -> crowd.drip(slow));
    long pause = 1_000_000_000L * POURING / perSecond;
    for (int i = 0; i < POURING; i++) {
      Thread.ofPlatform().daemon().start(() -> crowd.pour(pause));
    }
    System.out.println(READY);
    while (System.in.read() >= 0) {
      // until whoever started it has enough
    }
    System.out.println(crowd.flooded.get());
    return true;
  }

  private List<SocketChannel> gather() throws IOException {
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
    for (int i = 0; true; i++) {
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
      LockSupport.parkNanos(500_000);
    }
  }

  private void pour(long pauseNanos) {
    while (true) {
      tooLarge();
      LockSupport.parkNanos(pauseNanos);
    }
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
