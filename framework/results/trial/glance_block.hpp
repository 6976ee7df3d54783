#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "hdf5/output_file.hpp"
#include "results/trial/trial_reader.hpp"

/// The text before the HDF5 part of a trial file. Private to framework/results.
///
///     varia-trial 1 <size of the file> <bytes of text> <checksum>\n
///     id=0123456789abcdef\n
///     ...                            one line for each field of TrialGlance; '\' and line ends
///                                    within a value are written as "\\", "\n"
///     zeros, up to the next power of two
///
/// The checksum is XXH3 of the text and of the numbers before it. With the size of the file a
/// truncated one is not taken for good.
namespace varia::results {

class GlanceBlock {
 public:
  explicit GlanceBlock(const TrialGlance& glance);
  /// Empty where the text is too long to be worth it: such a file is read through HDF5.
  hdf5::UserBlock user_block() const;

 private:
  std::string text_;
};

/// The glance before the HDF5 part of a file; nothing where there is none, it is damaged, or it is
/// of another version.
std::optional<TrialGlance> read_glance_block(const std::string& path);

}  // namespace varia::results
