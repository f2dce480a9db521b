package dev.tutti.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// A model file being put together, in version 3 of the GGUF format (the specification is
/// `docs/gguf.md` of ggml). Tensors are sparse matrices: what was not set is zero, and zeros are
/// holes in the file.
final class GgufFile {
  private static final int VERSION = 3;
  private static final int ALIGNMENT_BYTES = 32;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();
  private final List<Tensor> tensors = new ArrayList<>();
  private int metadataCount;

  /// How a tensor's numbers are stored; the number is the format's own.
  enum Format {
    F32(0, 4),
    F16(1, 2);

    private final int code;
    private final int bytes;

    Format(int code, int bytes) {
      this.code = code;
      this.bytes = bytes;
    }
  }

  GgufFile put(String key, String value) {
    entry(key, STRING);
    string(metadata, value);
    return this;
  }

  GgufFile put(String key, int value) {
    entry(key, UINT32);
    int32(metadata, value);
    return this;
  }

  GgufFile put(String key, float value) {
    entry(key, FLOAT32);
    int32(metadata, Float.floatToIntBits(value));
    return this;
  }

  GgufFile put(String key, boolean value) {
    entry(key, BOOL);
    metadata.write(value ? 1 : 0);
    return this;
  }

  GgufFile putStrings(String key, List<String> values) {
    array(key, STRING, values.size());
    values.forEach(value -> string(metadata, value));
    return this;
  }

  GgufFile putFloats(String key, List<Float> values) {
    array(key, FLOAT32, values.size());
    values.forEach(value -> int32(metadata, Float.floatToIntBits(value)));
    return this;
  }

  GgufFile putIntegers(String key, List<Integer> values) {
    array(key, INT32, values.size());
    values.forEach(value -> int32(metadata, value));
    return this;
  }

  /// A vector of ones.
  void ones(String name, int length) {
    Tensor tensor = tensor(name, Format.F32, 1, length);
    for (int i = 0; i < length; i++) {
      tensor.set(0, i, 1);
    }
  }

  /// A matrix of zeros, to be filled.
  Tensor matrix(String name, int rows, int columns) {
    return tensor(name, Format.F16, rows, columns);
  }

  private Tensor tensor(String name, Format format, int rows, int columns) {
    var tensor = new Tensor(name, format, rows, columns);
    tensors.add(tensor);
    return tensor;
  }

  /// One matrix, stored row by row.
  static final class Tensor {
    private final String name;
    private final Format format;
    private final int rows;
    private final int columns;
    private final List<Cell> cells = new ArrayList<>();

    private Tensor(String name, Format format, int rows, int columns) {
      this.name = name;
      this.format = format;
      this.rows = rows;
      this.columns = columns;
    }

    void set(int row, int column, float value) {
      cells.add(new Cell((long) row * columns + column, value));
    }

    private long sizeBytes() {
      return (long) rows * columns * format.bytes;
    }
  }

  private record Cell(long index, float value) {}

  /// Writes the file; an older one of the same name is replaced.
  void write(Path path) throws IOException {
    var header = new ByteArrayOutputStream();
    header.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    int32(header, VERSION);
    int64(header, tensors.size());
    int64(header, metadataCount);
    header.writeBytes(metadata.toByteArray());
    long offset = 0;
    for (Tensor tensor : tensors) {
      string(header, tensor.name);
      // The format counts the fastest-running dimension first.
      boolean vector = tensor.rows == 1;
      int32(header, vector ? 1 : 2);
      int64(header, tensor.columns);
      if (!vector) {
        int64(header, tensor.rows);
      }
      int32(header, tensor.format.code);
      int64(header, offset);
      offset += aligned(tensor.sizeBytes());
    }
    long dataStart = aligned(header.size());
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      writeAt(file, ByteBuffer.wrap(header.toByteArray()), 0);
      long at = dataStart;
      for (Tensor tensor : tensors) {
        for (Cell cell : tensor.cells) {
          writeAt(file, bytes(tensor.format, cell.value), at + cell.index * tensor.format.bytes);
        }
        at += aligned(tensor.sizeBytes());
      }
      // The last byte makes the file as long as it says.
      writeAt(file, ByteBuffer.allocate(1), at - 1);
    }
  }

  private static ByteBuffer bytes(Format format, float value) {
    ByteBuffer bytes = ByteBuffer.allocate(format.bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (format) {
      case F32 -> bytes.putFloat(value);
      case F16 -> bytes.putShort(Float.floatToFloat16(value));
    }
    return bytes.flip();
  }

  private static void writeAt(FileChannel file, ByteBuffer bytes, long position)
      throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
  }

  private static long aligned(long size) {
    return Math.ceilDiv(size, ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  }

  private void entry(String key, int type) {
    metadataCount++;
    string(metadata, key);
    int32(metadata, type);
  }

  private void array(String key, int type, int size) {
    entry(key, ARRAY);
    int32(metadata, type);
    int64(metadata, size);
  }

  private static void string(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int64(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void int32(ByteArrayOutputStream out, int value) {
    out.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private static void int64(ByteArrayOutputStream out, long value) {
    out.writeBytes(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }
}
