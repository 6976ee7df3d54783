#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// NumPy's file format for one array (NEP 1, versions 1 to 3): a magic string, a version, the
/// length of the header, the header, which is a dictionary as Python writes it, and the values.
namespace varia::datasets {

/// What the header says.
struct NpyHeader {
  enum class Kind { boolean, signed_integer, unsigned_integer, real };

  Kind kind = Kind::real;
  std::int64_t item_bytes = 0;  ///< of a value: 1, 2, 4 or 8
  bool is_swapped = false;      ///< true if the bytes of a value are in the other order than here
  bool is_fortran = false;      ///< true if the first axis varies fastest, not the last one
  std::vector<std::int64_t> shape;
  std::size_t values_begin = 0;  ///< in the file, in bytes
};

/// The header ends before this many bytes of a file that is read.
inline constexpr std::size_t kMostNpyHeaderBytes = 1 << 16;

/// True if these are the first bytes of such a file.
bool is_npy(std::string_view begin);

/// @param begin     the first bytes of the file, kMostNpyHeaderBytes if it has so many
/// @param file_size of the whole file, in bytes
/// @param place     names the file in messages
/// @throws DataError if this is not such a header, the values are not numbers (Python's objects,
///         texts, records, complex numbers), or the file is not exactly as long as they are
NpyHeader read_npy_header(std::string_view begin, std::size_t file_size, const std::string& place);

/// Converts values as they lie in the file.
/// @param values count * item_bytes bytes
/// @tparam Out   std::uint8_t (of booleans and of unsigned integers of one byte), std::int64_t (of
///               integers; one that is too large becomes the largest), float or double
template <class Out>
void convert_npy(const NpyHeader& header, const std::uint8_t* values, std::int64_t count, Out* out);

}  // namespace varia::datasets
