package dev.tutti.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;

/// A client that sees every byte.
final class RawClient implements AutoCloseable {
  /// No test needs longer, however much comes.
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Socket socket;
  private final StringBuilder received = new StringBuilder();
  private final long startNanos = System.nanoTime();
  private boolean reset;

  RawClient(int port) {
    try {
      socket = new Socket();
      socket.setReceiveBufferSize(8 * 1024);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
      socket.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawClient send(String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawClient post(String path, String body, String... headers) {
    head("POST", path, headers("content-length: " + body.length(), headers));
    return send(body);
  }

  /// Sends a request's head, and nothing after it.
  RawClient head(String method, String path, String... headers) {
    var lines = new StringBuilder(method + " " + path + " HTTP/1.1\r\nhost: localhost\r\n");
    for (String header : headers) {
      lines.append(header).append("\r\n");
    }
    return send(lines.append("\r\n").toString());
  }

  private static String[] headers(String first, String[] others) {
    return Stream.concat(Stream.of(first), Arrays.stream(others)).toArray(String[]::new);
  }

  /// Reads until the text has come.
  String until(String text) {
    int from = 0;
    while (received.indexOf(text, from) < 0) {
      from = Math.max(0, received.length() - text.length());
      if (!readSome()) {
        throw new AssertionError("ended before " + text + ": " + received);
      }
    }
    return received.toString();
  }

  /// Reads until the other side ends it.
  String untilEnd() {
    while (readSome()) {
      // Everything is kept.
    }
    return received.toString();
  }

  /// Reads what is there, or waits for more.
  void readMore() {
    if (!readSome()) {
      throw new AssertionError("ended");
    }
  }

  /// Whether the end came as a reset.
  boolean wasReset() {
    return reset;
  }

  private boolean readSome() {
    try {
      InputStream in = socket.getInputStream();
      if (System.nanoTime() - startNanos > LONGEST.toNanos()) {
        throw new AssertionError("too long; last: " + received.substring(tail()));
      }
      var bytes = new byte[64 * 1024];
      int count = in.read(bytes);
      if (count > 0) {
        received.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
      }
      return count >= 0;
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("silence after: " + received.substring(tail()), e);
    } catch (IOException _) {
      reset = true;
      return false;
    }
  }

  private int tail() {
    return Math.max(0, received.length() - 2_000);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
