package dev.tutti.backends;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A server of raw sockets, so that a test decides each byte and when a connection ends.
final class StubServer implements AutoCloseable {
  /// Answers one request; returns whether the connection stays open for the next.
  interface Behaviour {
    boolean answer(Request request, OutputStream out) throws IOException;
  }

  record Request(String method, String path, Map<String, String> headers, String body) {}

  private final ServerSocket listening;
  private final Behaviour behaviour;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  final List<Request> requests = new CopyOnWriteArrayList<>();
  final AtomicInteger connections = new AtomicInteger();

  StubServer(Behaviour behaviour) {
    this(0, behaviour);
  }

  StubServer(int port, Behaviour behaviour) {
    this.behaviour = behaviour;
    try {
      listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /// A server of fixed JSON answers by `METHOD path`; 404 for the rest.
  static StubServer routes(Map<String, String> answers, Map<String, String> headers) {
    return new StubServer((request, out) -> {
      String body = answers.get(request.method() + " " + request.path());
      int status = body == null ? 404 : 200;
      if (body != null && body.matches("[0-9]{3} (?s:.*)")) {
        status = Integer.parseInt(body.substring(0, 3));
        body = body.substring(4);
      }
      reply(out, status, headers, body == null ? "no such page" : body);
      return true;
    });
  }

  static void reply(OutputStream out, int status, Map<String, String> headers, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    var head = new StringBuilder("HTTP/1.1 " + status + " x\r\ncontent-length: " + bytes.length);
    headers.forEach((name, value) -> head.append("\r\n").append(name).append(": ").append(value));
    out.write((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(bytes);
    out.flush();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        connections.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      while (true) {
        String first = line(in);
        if (first.isEmpty()) {
          return;
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          int colon = line.indexOf(':');
          headers.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        String[] words = first.split(" ", -1);
        var request = new Request(words[0], words[1], headers, body);
        requests.add(request);
        if (!behaviour.answer(request, out)) {
          return;
        }
      }
    } catch (IOException _) {
      // The client left.
    } finally {
      open.remove(socket);
    }
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  int port() {
    return listening.getLocalPort();
  }

  EngineAddress address() {
    return EngineAddress.parse("http://127.0.0.1:" + port());
  }

  /// Connections that are open now, by the server's own view.
  int openConnections() {
    return open.size();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
  }
}
