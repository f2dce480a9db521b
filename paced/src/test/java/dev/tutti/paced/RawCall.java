package dev.tutti.paced;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// One request on a bare socket: the test sees every byte, and leaves when it likes.
record RawCall(Socket socket) implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(20).toMillis();

  /// How the answer ended.
  enum End {
    CLOSED,
    RESET
  }

  /// Everything that came, and how it ended.
  record Received(String text, End end) {}

  /// Connects and sends; `json` is written with single quotes.
  static RawCall post(String url, String path, String json, String header) throws IOException {
    URI target = URI.create(url);
    // A small window, so that a client that does not read is noticed soon.
    var socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress(target.getHost(), target.getPort()), TIMEOUT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    byte[] body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nhost: test\r\ncontent-length: "
            + body.length
            + "\r\n"
            + (header.isEmpty() ? "" : header + "\r\n")
            + "connection: close\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().write(body);
    return new RawCall(socket);
  }

  /// Reads until the other side ends.
  Received readAll() throws IOException {
    var text = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      var buffer = new byte[8192];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        text.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
      }
      return new Received(text.toString(), End.CLOSED);
    } catch (SocketException reset) {
      return new Received(text.toString(), End.RESET);
    }
  }

  /// Reads until `part` was seen.
  String readUntil(String part) throws IOException {
    var text = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (text.indexOf(part) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("ended before " + part + ": " + text);
      }
      text.append((char) next);
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
