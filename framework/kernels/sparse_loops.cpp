// Compiled once for each instruction set (loops.hpp).
#include "kernels/loops.hpp"

#include <bit>
#include <iterator>

namespace varia::kernels::VARIA_LOOPS {

namespace {

using std::int32_t;
using std::int64_t;

/// The numbers in a register, and the most registers of sums in a tile of the result; with its part
/// of a block of places it fills the first-level cache. The compiler keeps sums of this type in
/// registers; a plain array stays in memory, which took five times as long.
#if defined(__AVX512F__)
constexpr int64_t kWidth = 16, kTile = 7;
#elif defined(__AVX2__)
constexpr int64_t kWidth = 8, kTile = 12;
#else
constexpr int64_t kWidth = 4, kTile = 12;
#endif
using Vector = float __attribute__((vector_size(kWidth * sizeof(float)), aligned(4)));

/// The size of a block of the sparse matrix: lines are its rows, places its columns.
constexpr int64_t kLines = 128;
constexpr int64_t kPlaces = 64;

int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// One bit for each place of a line: set if its number is not zero.
using Places = std::uint64_t;
static_assert(sizeof(Places) * 8 == kPlaces);

/// A block of the sparse matrix, the rows it is multiplied with, and the sums it is added to.
struct Block {
  const float* values;
  int64_t line_stride, place_stride;
  int64_t lines, places;
  const float* b;  ///< [places, n]
  float* result;   ///< [lines, n]
  int64_t n;
  bool is_first;
};

/// For lines that are rows in memory.
void find_in_rows(const Block& block, Places* found) {
  for (int64_t line = 0; line < block.lines; ++line) {
    const float* const values = block.values + line * block.line_stride;
    Places places = 0;
    if (block.places == kPlaces) {
#pragma omp simd reduction(| : places)
      for (int64_t i = 0; i < kPlaces; ++i) places |= Places{values[i] != 0.0F} << i;
    } else {
      for (int64_t i = 0; i < block.places; ++i) places |= Places{values[i] != 0.0F} << i;
    }
    found[line] = places;
  }
}

/// For lines that are columns in memory.
void find_in_columns(const Block& block, Places* found) {
  for (int64_t line = 0; line < block.lines; ++line) found[line] = 0;
  for (int64_t place = 0; place < block.places; ++place) {
    const float* const values = block.values + place * block.place_stride;
    const Places bit = Places{1} << place;
#pragma omp simd
    for (int64_t line = 0; line < block.lines; ++line)
      found[line] |= values[line] != 0.0F ? bit : Places{0};
  }
}

/// Adds value * b[place] of all places found in a line to the line of the result, or to zeros;
/// kVectors registers wide.
template <int64_t kVectors>
void add_lines(const Block& block, const Places* found, Rows b, float* result, int64_t stride) {
  for (int64_t line = 0; line < block.lines; ++line, result += stride) {
    const float* const values = block.values + line * block.line_stride;
    Vector sums[kVectors] = {};
    if (!block.is_first) {
#pragma GCC unroll 16
      for (int64_t i = 0; i < kVectors; ++i)
        sums[i] = *reinterpret_cast<const Vector*>(result + i * kWidth);
    }
    for (Places left = found[line]; left != 0; left &= left - 1) {
      const int64_t place = std::countr_zero(left);
      const float value = values[place * block.place_stride];
      const float* const row = b.data + place * b.stride;
#pragma GCC unroll 16
      for (int64_t i = 0; i < kVectors; ++i)
        sums[i] += value * *reinterpret_cast<const Vector*>(row + i * kWidth);
    }
#pragma GCC unroll 16
    for (int64_t i = 0; i < kVectors; ++i)
      *reinterpret_cast<Vector*>(result + i * kWidth) = sums[i];
  }
}

using AddLines = void (*)(const Block&, const Places*, Rows, float*, int64_t);

/// Indexed by the number of registers.
constexpr AddLines kAddLines[] = {nullptr,      add_lines<1>, add_lines<2>,  add_lines<3>,
                                  add_lines<4>, add_lines<5>, add_lines<6>,  add_lines<7>,
                                  add_lines<8>, add_lines<9>, add_lines<10>, add_lines<11>,
                                  add_lines<12>};
static_assert(kTile < static_cast<int64_t>(std::size(kAddLines)));

/// Copies `from` to `to`, row by row.
void copy_rows(Rows from, float* to, int64_t stride, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < width; ++i) to[row * stride + i] = from.data[row * from.stride + i];
  }
}

/// True if rows at this distance share few lines of the cache, so that copies are faster.
bool collide(int64_t n) { return n % 128 == 0; }

/// The columns from `column`, `vectors` registers wide.
void add_tile(const Block& block, const Places* found, int64_t column, int64_t vectors) {
  alignas(64) float copy[kPlaces * kTile * kWidth];
  Rows b{block.b + column, block.n};
  if (collide(block.n)) {
    const int64_t width = vectors * kWidth;
    copy_rows(b, copy, width, block.places, width);
    b = {copy, width};
  }
  kAddLines[vectors](block, found, b, block.result + column, block.n);
}

/// The last columns, fewer than a register holds, in copies that are filled up with zeros.
void add_last_columns(const Block& block, const Places* found, int64_t column) {
  alignas(64) float b[kPlaces * kWidth] = {}, result[kLines * kWidth] = {};
  const int64_t width = block.n - column;
  copy_rows({block.b + column, block.n}, b, kWidth, block.places, width);
  if (!block.is_first)
    copy_rows({block.result + column, block.n}, result, kWidth, block.lines, width);
  add_lines<1>(block, found, {b, kWidth}, result, kWidth);
  copy_rows({result, kWidth}, block.result + column, block.n, block.lines, width);
}

}  // namespace

void sparse_product(const Matrix& a, const float* b, float* result, int64_t m, int64_t n, int64_t k,
                    bool increase) {
  const int64_t line_stride = a.transposed ? 1 : a.stride;
  const int64_t place_stride = a.transposed ? a.stride : 1;
  Places found[kLines];
  for (int64_t line = 0; line < m; line += kLines) {
    for (int64_t place = 0; place < k || place == 0; place += kPlaces) {
      const Block block{a.data + line * line_stride + place * place_stride,
                        line_stride,
                        place_stride,
                        smaller(kLines, m - line),
                        smaller(kPlaces, k - place),
                        b + place * n,
                        result + line * n,
                        n,
                        place == 0 && !increase};
      (a.transposed ? find_in_columns : find_in_rows)(block, found);
      // In tiles of sizes that are as equal as possible.
      int64_t vectors = n / kWidth, column = 0;
      for (int64_t tiles = (vectors + kTile - 1) / kTile; tiles > 0; --tiles) {
        const int64_t width = (vectors + tiles - 1) / tiles;
        add_tile(block, found, column, width);
        column += width * kWidth;
        vectors -= width;
      }
      if (column < n) add_last_columns(block, found, column);
    }
  }
}

}  // namespace varia::kernels::VARIA_LOOPS
