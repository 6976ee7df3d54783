// Compiled once for each instruction set (loops.hpp).
#include "kernels/loops.hpp"

#include <bit>

namespace varia::kernels::VARIA_LOOPS {

namespace {

using std::int32_t;
using std::int64_t;

/// Both products go over the values in blocks, whose numbers other than zero are listed first.
constexpr int64_t kRows = 128;
constexpr int64_t kColumns = 64;

/// Numbers of a register. The compiler keeps sums of this type in registers, and those of a plain
/// array in memory, which took five times as long; and it takes a type that is wider than a
/// register apart.
#ifdef __AVX2__
constexpr int64_t kWidth = 8;
constexpr int kRoundsOfTranspose = 3;
#else
constexpr int64_t kWidth = 4;
constexpr int kRoundsOfTranspose = 2;
#endif
using Vector = float __attribute__((vector_size(kWidth * sizeof(float)), aligned(4)));

/// Sums that are kept in registers, at most: of 16 registers, 12.
constexpr int64_t kUnit = 2 * kWidth;
constexpr int64_t kTile = 6 * kUnit;

/// A number other than zero, and its place in a line.
struct Entry {
  int32_t place;
  float value;
};

/// Lines of entries, by their place.
template <int64_t kLines, int64_t kLength>
struct Lines {
  static constexpr int64_t kCapacity = kLength + 1;  // the last is for what is overwritten
  int32_t counts[kLines];
  Entry entries[kLines * kCapacity];

  /// Appends branchlessly: what is zero is overwritten by the next.
  [[gnu::always_inline]] void add(int64_t line, int64_t place, float value) {
    entries[line * kCapacity + counts[line]] = {static_cast<int32_t>(place), value};
    counts[line] += (std::bit_cast<std::uint32_t>(value) << 1) != 0;
  }
};

/// Calls `visit(first, last)` for the stretches of a row that are not all zero.
template <class Visit>
[[gnu::always_inline]] inline void for_each_stretch(const float* row, int64_t columns,
                                                    const Visit& visit) {
  constexpr int64_t kStretch = 16;
  int64_t column = 0;
  for (; column + kStretch <= columns; column += kStretch) {
    std::uint32_t any = 0;
#pragma omp simd reduction(| : any)
    for (int64_t i = 0; i < kStretch; ++i) any |= std::bit_cast<std::uint32_t>(row[column + i]);
    if ((any << 1) != 0) visit(column, column + kStretch);
  }
  if (column < columns) visit(column, columns);
}

/// The entries of every row of a block; the places are columns.
void list_rows(const float* values, int64_t stride, int64_t rows, int64_t columns,
               Lines<kRows, kColumns>& lines) {
  for (int64_t row = 0; row < rows; ++row, values += stride) {
    lines.counts[row] = 0;
    for_each_stretch(values, columns, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) lines.add(row, i, values[i]);
    });
  }
}

/// The entries of every column of a block; the places are rows.
void list_columns(const float* values, int64_t stride, int64_t rows, int64_t columns,
                  Lines<kColumns, kRows>& lines) {
  for (int64_t i = 0; i < columns; ++i) lines.counts[i] = 0;
  for (int64_t row = 0; row < rows; ++row, values += stride) {
    for_each_stretch(values, columns, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) lines.add(i, row, values[i]);
    });
  }
}

/// Row by row of the result, kVectors * 8 wide, adds what its line says: value * dense[place].
template <int64_t kVectors, class AnyLines>
void add_lines(const AnyLines& lines, int64_t count, const float* dense, int64_t dense_stride,
               float* result, int64_t stride) {
  for (int64_t line = 0; line < count; ++line, result += stride) {
    const Entry* entry = lines.entries + line * AnyLines::kCapacity;
    const Entry* const end = entry + lines.counts[line];
    Vector sums[kVectors];
#pragma GCC unroll 16
    for (int64_t i = 0; i < kVectors; ++i)
      sums[i] = *reinterpret_cast<const Vector*>(result + i * kWidth);
    for (; entry != end; ++entry) {
      const float* const row = dense + entry->place * dense_stride;
#pragma GCC unroll 16
      for (int64_t i = 0; i < kVectors; ++i)
        sums[i] += entry->value * *reinterpret_cast<const Vector*>(row + i * kWidth);
    }
#pragma GCC unroll 16
    for (int64_t i = 0; i < kVectors; ++i)
      *reinterpret_cast<Vector*>(result + i * kWidth) = sums[i];
  }
}

/// The same of any width.
template <class AnyLines>
void add_lines(const AnyLines& lines, int64_t count, const float* dense, int64_t dense_stride,
               float* result, int64_t stride, int64_t width) {
  switch (width) {
#define VARIA_TILE(vectors) \
  case vectors* kWidth:     \
    return add_lines<vectors>(lines, count, dense, dense_stride, result, stride)
    VARIA_TILE(2);
    VARIA_TILE(4);
    VARIA_TILE(6);
    VARIA_TILE(8);
    VARIA_TILE(10);
    VARIA_TILE(12);
#undef VARIA_TILE
    default:
      break;
  }
  for (int64_t line = 0; line < count; ++line, result += stride) {
    const Entry* entry = lines.entries + line * AnyLines::kCapacity;
    for (const Entry* const end = entry + lines.counts[line]; entry != end; ++entry) {
      const float* const row = dense + entry->place * dense_stride;
      for (int64_t i = 0; i < width; ++i) result[i] += entry->value * row[i];
    }
  }
}

/// Calls `visit(first, width)` for tiles as even as whole units can be; the last one may be
/// narrower than a unit.
template <class Visit>
[[gnu::always_inline]] inline void for_each_tile(int64_t out, const Visit& visit) {
  int64_t units = out / kUnit, first = 0;
  for (int64_t tiles = (units * kUnit + kTile - 1) / kTile; tiles > 0; --tiles) {
    const int64_t width = (units + tiles - 1) / tiles;
    visit(first, width * kUnit);
    first += width * kUnit;
    units -= width;
  }
  if (first < out) visit(first, out - first);
}

/// The first halves of both, number by number.
[[gnu::always_inline]] inline Vector zip_low(Vector a, Vector b) {
#ifdef __AVX2__
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#else
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#endif
}

[[gnu::always_inline]] inline Vector zip_high(Vector a, Vector b) {
#ifdef __AVX2__
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}

/// As many rows as columns: every round zips the first half of them with the second.
[[gnu::always_inline]] inline void transpose_square(const float* matrix, int64_t matrix_stride,
                                                    float* result, int64_t stride) {
  Vector rows[kWidth], next[kWidth];
#pragma GCC unroll 8
  for (int64_t i = 0; i < kWidth; ++i)
    rows[i] = *reinterpret_cast<const Vector*>(matrix + i * matrix_stride);
#pragma GCC unroll 3
  for (int round = 0; round < kRoundsOfTranspose; ++round) {
#pragma GCC unroll 4
    for (int64_t i = 0; i < kWidth / 2; ++i) {
      next[2 * i] = zip_low(rows[i], rows[i + kWidth / 2]);
      next[2 * i + 1] = zip_high(rows[i], rows[i + kWidth / 2]);
    }
#pragma GCC unroll 8
    for (int64_t i = 0; i < kWidth; ++i) rows[i] = next[i];
  }
#pragma GCC unroll 8
  for (int64_t i = 0; i < kWidth; ++i) *reinterpret_cast<Vector*>(result + i * stride) = rows[i];
}

/// result [columns, rows], its rows `stride` apart, of matrix [rows, columns].
void transpose(const float* matrix, int64_t matrix_stride, int64_t rows, int64_t columns,
               float* result, int64_t stride) {
  const int64_t whole_rows = rows - rows % kWidth, whole_columns = columns - columns % kWidth;
  for (int64_t row = 0; row < whole_rows; row += kWidth) {
    for (int64_t column = 0; column < whole_columns; column += kWidth)
      transpose_square(matrix + row * matrix_stride + column, matrix_stride,
                       result + column * stride + row, stride);
  }
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = row < whole_rows ? whole_columns : 0; column < columns; ++column)
      result[column * stride + row] = matrix[row * matrix_stride + column];
  }
}

int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

}  // namespace

void sparse_product(const float* values, const float* weight, float* result, int64_t rows,
                    int64_t in, int64_t out) {
  Lines<kRows, kColumns> lines;
  float block[kColumns * kTile];  // of the weight, [columns, width]
  for (int64_t i = 0; i < rows * out; ++i) result[i] = 0;
  for (int64_t top = 0; top < rows; top += kRows) {
    const int64_t height = smaller(kRows, rows - top);
    for (int64_t left = 0; left < in; left += kColumns) {
      const int64_t columns = smaller(kColumns, in - left);
      list_rows(values + top * in + left, in, height, columns, lines);
      for_each_tile(out, [&](int64_t first, int64_t width) {
        transpose(weight + first * in + left, in, width, columns, block, width);
        add_lines(lines, height, block, width, result + top * out + first, out, width);
      });
    }
  }
}

void sparse_product_backward(const float* values, const float* outer, float* weight_gradient,
                             int64_t rows, int64_t in, int64_t out) {
  Lines<kColumns, kRows> lines;
  float block[kColumns * kTile];  // of the gradient, [columns, width]
  for (int64_t left = 0; left < in; left += kColumns) {
    const int64_t columns = smaller(kColumns, in - left);
    for (int64_t top = 0; top < rows || top == 0; top += kRows) {
      const int64_t height = smaller(kRows, rows - top);
      list_columns(values + top * in + left, in, height, columns, lines);
      for_each_tile(out, [&](int64_t first, int64_t width) {
        float* const target = weight_gradient + first * in + left;
        if (top == 0) {
          for (int64_t i = 0; i < columns * width; ++i) block[i] = 0;
        } else {
          transpose(target, in, width, columns, block, width);
        }
        add_lines(lines, columns, outer + top * out + first, out, block, width, width);
        transpose(block, width, columns, width, target, in);
      });
    }
  }
}

}  // namespace varia::kernels::VARIA_LOOPS
