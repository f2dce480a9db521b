package dev.tutti.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A client on a bare socket: it reads when the test says so and leaves without a word.
final class RawClient implements AutoCloseable {
  /// Small, so that a client that does not read is felt soon.
  private static final int RECEIVE_BUFFER_BYTES = 8 * 1024;

  private static final int READ_TIMEOUT_MILLIS = 30_000;

  private final Socket socket;

  private RawClient(Socket socket) {
    this.socket = socket;
  }

  /// Connects and posts a JSON body; reads nothing yet.
  static RawClient post(String url, String json) {
    URI uri = URI.create(url);
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST "
            + uri.getPath()
            + " HTTP/1.1\r\nhost: "
            + uri.getAuthority()
            + "\r\ncontent-type: application/json\r\ncontent-length: "
            + body.length
            + "\r\n\r\n";
    var socket = new Socket();
    try {
      socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
      socket.setSoTimeout(READ_TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      return new RawClient(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads until the answer holds the text so many times.
  ///
  /// @return what was read
  String readUntil(String text, int times) {
    var read = new StringBuilder();
    var buffer = new byte[4096];
    try {
      InputStream in = socket.getInputStream();
      while (count(read, text) < times) {
        int length = in.read(buffer);
        if (length < 0) {
          throw new AssertionError("the answer ended early: " + read);
        }
        read.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
      }
      return read.toString();
    } catch (IOException e) {
      throw new AssertionError("read so far: " + read, e);
    }
  }

  /// Reads until the text has come and tells how long that took.
  Duration timeUntil(String text) {
    long start = System.nanoTime();
    readUntil(text, 1);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /// Leaves. What has arrived and was not read makes this a reset, as with a killed client.
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int count(CharSequence read, String text) {
    int found = 0;
    String all = read.toString();
    for (int at = all.indexOf(text); at >= 0; at = all.indexOf(text, at + text.length())) {
      found++;
    }
    return found;
  }
}
