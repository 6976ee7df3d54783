#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "varia/schedule.hpp"
#include "varia/tensor.hpp"

/// Arrays of numbers in files of several formats, as a data set reads them.
namespace varia::datasets {

/// Memory of pages of its own, which return to the system when it is freed. Blocks of the heap that
/// come and go among others leave gaps that are too small for the next ones.
Tensor empty_pages(at::IntArrayRef sizes, at::ScalarType type);

/// What becomes of the numbers of a file, computed in float64: those of `range` are mapped to
/// [0, 1], or they are multiplied by `scale`, and `offset` is added.
struct Rescaling {
  std::optional<Range> range;
  double scale = 1;
  double offset = 0;

  /// Changes numbers, float64, in place.
  void apply(const Tensor& numbers) const;
};

/// An array of numbers in a file, open for reading. Its first axis counts rows.
class NumberArray {
 public:
  enum class Type { byte, integer, real };  // `byte`: unsigned, or zeros and ones (bool)

  virtual ~NumberArray();
  NumberArray(const NumberArray&) = delete;
  NumberArray& operator=(const NumberArray&) = delete;

  /// [N, ...]: no axis is empty, and a row takes less than 4 GiB.
  const std::vector<std::int64_t>& sizes() const { return sizes_; }
  std::int64_t rows() const { return sizes_.front(); }
  std::string shape_text() const;
  Type type() const { return type_; }
  /// "file: name", for messages.
  const std::string& place() const { return place_; }

  /// True if all values can be had without a copy.
  virtual bool is_in_place() const { return false; }
  /// Those values, in the file or wherever they are: `sizes` uint8 (`byte`) or float32 (`real`).
  /// They must not be written to. Undefined if there are none.
  /// @throws DataError if the file is damaged
  virtual Tensor in_place() const { return {}; }

  /// Reads the chosen rows, block by block.
  /// @param rows      [R] int64, ascending
  /// @param type      uint8 (of `byte`), int64 (of `byte` and `integer`) or float32
  /// @param rescaling what becomes of the numbers; float32 only
  /// @returns         [R, other axes]
  /// @throws DataError if the file is damaged, or the result takes more than half of this machine's
  ///         memory
  Tensor read(const Tensor& rows, at::ScalarType type,
              const std::optional<Rescaling>& rescaling = {}) const;
  /// Reads the rows [begin, end), which may be larger than a block.
  /// @param out [end - begin, other axes], contiguous, of a type as of `read`
  void read_rows(std::int64_t begin, std::int64_t end, const std::optional<Rescaling>& rescaling,
                 const Tensor& out) const;
  /// The rows that are read together, whole chunks of the file: 0 to n - 1, n to 2 n - 1, ...
  /// @param type as of `read`
  std::int64_t block_rows(at::ScalarType type) const;
  /// Bytes of a row that is read as this type.
  std::int64_t row_bytes(at::ScalarType type) const;

 protected:
  /// @throws DataError if these are not sizes of an array that can be read
  NumberArray(std::string place, std::vector<std::int64_t> sizes, Type type);

 private:
  /// The rows that are unpacked together.
  virtual std::int64_t rows_of_chunk() const { return 1; }
  /// Reads the rows [begin, end).
  /// @param out [end - begin, other axes], contiguous: a type of `read`, or float64
  virtual void read_values(std::int64_t begin, std::int64_t end, const Tensor& out) const = 0;
  /// What makes an array that is too large one that is read in place: "store it ...".
  virtual std::string remedy() const = 0;

  std::string place_;
  std::vector<std::int64_t> sizes_;
  Type type_;
};

/// A file of such arrays, each of which has a name.
class ArrayFile {
 public:
  virtual ~ArrayFile();
  /// The names of its arrays, alphabetical.
  virtual std::vector<std::string> names() const = 0;
  /// @returns an array that can be read while this file lives
  /// @throws DataError if there is no such array, or it does not hold numbers
  virtual std::unique_ptr<NumberArray> open(const std::string& name) const = 0;

 protected:
  /// Throws the DataError that there is no such array.
  /// @param path of this file
  [[noreturn]] void fail_to_find(const std::string& name, const std::string& path) const;
};

/// Those of the names that a message can list: not too many, and none that would break its line.
std::vector<std::string> listable(const std::vector<std::string>& names);

}  // namespace varia::datasets
