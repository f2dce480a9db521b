package dev.tutti.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A TCP proxy from a free loopback port to one target that breaks what passes through it. The
/// fault can be changed at any time and also hurts the connections that are open. Safe to call from
/// any thread.
public final class FaultProxy implements AutoCloseable {
  private static final int CHUNK_BYTES = 16 * 1024;
  private static final int BACKLOG = 256;
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  /// How long closing the port, or opening the same one again, may take.
  private static final Duration PORT_DEADLINE = Duration.ofSeconds(5);

  /// What happens to the bytes. Byte counts are of the response, counted in each connection from
  /// its start.
  public sealed interface Mode {
    /// Everything passes.
    record Pass() implements Mode {}

    /// The port is closed: new connections are refused, open ones go on.
    record Refuse() implements Mode {}

    /// New connections are accepted, and no byte moves on any.
    record Hang() implements Mode {}

    /// New connections are accepted and reset.
    record ResetOnConnect() implements Mode {}

    /// The connection is reset after so many bytes of the response.
    record CutAfter(long bytes) implements Mode {}

    /// Nothing more comes after so many bytes of the response; the connection stays open.
    record StallAfter(long bytes) implements Mode {}

    /// Every chunk of the response waits so long.
    record Slow(Duration perChunk) implements Mode {}

    /// The response is ended in good order after so many bytes, while requests still pass.
    record HalfCloseAfter(long bytes) implements Mode {}
  }

  private final InetSocketAddress target;
  private final int port;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong accepted = new AtomicLong();
  private final Object change = new Object();
  private volatile Mode mode = new Mode.Pass();
  private volatile boolean closed;
  private ServerSocket listener;
  private Thread acceptor;

  private FaultProxy(InetSocketAddress target) throws IOException {
    this.target = target;
    this.listener = listen(0);
    this.port = listener.getLocalPort();
    this.acceptor = acceptFrom(listener);
  }

  /// Starts a proxy to this target, passing everything.
  public static FaultProxy to(String host, int port) {
    try {
      return new FaultProxy(new InetSocketAddress(host, port));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// Where clients connect to on the loopback address.
  public int port() {
    return port;
  }

  /// Where HTTP clients connect to.
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /// How many connections were accepted so far.
  public long accepted() {
    return accepted.get();
  }

  /// How many connections are open now.
  public int open() {
    return open.size();
  }

  /// Changes what happens from now on.
  public void set(Mode next) {
    synchronized (change) {
      boolean refusing = mode instanceof Mode.Refuse;
      mode = next;
      if (next instanceof Mode.Refuse) {
        stopListening();
      } else if (refusing && !closed) {
        listener = Eventually.value("port " + port + " again", PORT_DEADLINE, () -> listen(port));
        acceptor = acceptFrom(listener);
      }
      change.notifyAll();
    }
  }

  /// Resets every connection that is open now.
  public void cutAll() {
    open.forEach(Connection::reset);
  }

  @Override
  public void close() {
    synchronized (change) {
      closed = true;
      stopListening();
      change.notifyAll();
    }
    cutAll();
  }

  private static ServerSocket listen(int port) throws IOException {
    var socket = new ServerSocket();
    socket.setReuseAddress(true);
    try {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    } catch (IOException failed) {
      socket.close();
      throw failed;
    }
    return socket;
  }

  /// Closes the port; the system does so only when nobody waits at it any more.
  private void stopListening() {
    closeQuietly(listener);
    try {
      if (!acceptor.join(PORT_DEADLINE)) {
        throw new IllegalStateException("port " + port + ": open (expected: closed)");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Thread acceptFrom(ServerSocket from) {
    return Thread.ofVirtual()
        .name("proxy-" + from.getLocalPort())
        .start(() -> {
          while (!from.isClosed()) {
            try {
              Socket client = from.accept();
              accepted.incrementAndGet();
              var connection = new Connection(client);
              open.add(connection);
              Thread.ofVirtual().start(connection::run);
            } catch (IOException _) {
              // the listener was closed, or one client left before it was accepted
            }
          }
        });
  }

  /// Waits while the mode moves no bytes at this point of a response.
  private void waitWhileStalled(long responseBytes) {
    synchronized (change) {
      while (!closed && stalls(mode, responseBytes)) {
        try {
          change.wait();
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private static boolean stalls(Mode mode, long responseBytes) {
    return switch (mode) {
      case Mode.Hang() -> true;
      case Mode.StallAfter(long bytes) -> responseBytes >= bytes;
      case Mode.Pass(), Mode.Refuse(), Mode.ResetOnConnect(), Mode.Slow(_) -> false;
      case Mode.CutAfter(_), Mode.HalfCloseAfter(_) -> false;
    };
  }

  private static void closeQuietly(AutoCloseable what) {
    try {
      what.close();
    } catch (Exception _) {
      // it is gone either way
    }
  }

  /// One client and its connection to the target.
  private final class Connection {
    private final Socket client;
    private final Socket server = new Socket();

    Connection(Socket client) {
      this.client = client;
    }

    void run() {
      try {
        if (mode instanceof Mode.ResetOnConnect) {
          reset();
          return;
        }
        waitWhileStalled(-1);
        server.connect(target, CONNECT_TIMEOUT_MILLIS);
        Thread requests = Thread.ofVirtual().start(this::passRequests);
        passResponses();
        requests.join();
      } catch (IOException _) {
        reset();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } finally {
        closeQuietly(client);
        closeQuietly(server);
        open.remove(this);
      }
    }

    private void passRequests() {
      try {
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream();
        var buffer = new byte[CHUNK_BYTES];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          waitWhileStalled(-1);
          out.write(buffer, 0, count);
        }
        server.shutdownOutput();
      } catch (IOException _) {
        // The client is gone: the target must see that it is, as it would without a proxy.
        reset();
      }
    }

    private void passResponses() throws IOException {
      InputStream in = server.getInputStream();
      OutputStream out = client.getOutputStream();
      var buffer = new byte[CHUNK_BYTES];
      long passed = 0;
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        int written = 0;
        while (written < count) {
          waitWhileStalled(passed);
          int next = (int) Math.min(count - written, allowed(passed));
          if (next == 0) {
            atLimit();
            return;
          }
          out.write(buffer, written, next);
          written += next;
          passed += next;
        }
      }
      client.shutdownOutput();
    }

    /// How many bytes may pass before something happens, after the wait that the mode asks for.
    private long allowed(long passed) {
      return switch (mode) {
        case Mode.CutAfter(long bytes) -> Math.max(0, bytes - passed);
        case Mode.HalfCloseAfter(long bytes) -> Math.max(0, bytes - passed);
        case Mode.StallAfter(long bytes) -> Math.max(1, bytes - passed);
        case Mode.Slow(Duration perChunk) -> {
          LockSupport.parkNanos(perChunk.toNanos());
          yield CHUNK_BYTES;
        }
        case Mode.Pass(), Mode.Refuse(), Mode.Hang(), Mode.ResetOnConnect() -> CHUNK_BYTES;
      };
    }

    private void atLimit() throws IOException {
      if (mode instanceof Mode.HalfCloseAfter) {
        client.shutdownOutput();
      } else {
        reset();
      }
    }

    /// Closes both sides so that each sees a reset.
    void reset() {
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.setSoLinger(true, 0);
        } catch (IOException _) {
          // closed already
        }
        closeQuietly(socket);
      }
    }
  }
}
