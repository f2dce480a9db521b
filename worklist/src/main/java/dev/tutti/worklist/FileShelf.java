package dev.tutti.worklist;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The bytes of files, in one directory. Blocks: never on an event loop. A file is there as a whole
/// or not at all, and what is there has reached the disk.
public final class FileShelf {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final String UNFINISHED = ".new";
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Path directory;

  /// A shelf in that directory, which is made with the first file.
  public FileShelf(Path directory) {
    this.directory = directory;
  }

  /// Writes into a file.
  @FunctionalInterface
  public interface Content {
    /// Writes all of it.
    void writeTo(OutputStream out) throws IOException;
  }

  /// Where the bytes of a file are, if it is there.
  ///
  /// @param id letters, digits, `-` and `_`
  public Path path(String id) {
    if (!NAME.matcher(id).matches()) {
      throw new IllegalArgumentException("file: no name of ours (expected: " + NAME + ")");
    }
    return directory.resolve(id);
  }

  /// Puts a file there, in place of one of that name.
  ///
  /// @return its length in bytes
  public long put(String id, Content content) throws IOException {
    Path target = path(id);
    create();
    Path fresh = directory.resolve(id + UNFINISHED);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
      content.writeTo(out);
      out.flush();
      channel.force(true);
    }
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
      // The name has to reach the disk as well.
      parent.force(true);
    }
    return Files.size(target);
  }

  /// Takes a file away, if it is there.
  public void remove(String id) throws IOException {
    Files.deleteIfExists(path(id));
  }

  /// Takes away what is not known: files whose upload or output nobody heard the end of.
  public void keepOnly(Set<String> known) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        if (!known.contains(String.valueOf(file.getFileName()))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /// Only its owner may read it: it holds what people asked.
  private void create() throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      }
    }
  }
}
