#pragma once

#include "results/output_file.hpp"
#include "results/trial_info.hpp"

/// The text before the HDF5 part of a trial file. Private to framework/results.
///
///     varia-trial 1 <size of the file> <bytes of text> <checksum>\n
///     id=0123456789abcdef\n
///     ...                            one line for each of kTrialFields; '\' and line ends within a
///                                    value are written as "\\", "\n"
///     zeros, up to the next power of two
///
/// The checksum is XXH3 of the text and of the numbers before it. The size of the file tells a
/// truncated one.
namespace varia::results {

/// The text as OutputFile takes it; none if it is too long to be worth it: such a file is read
/// through HDF5.
UserBlock summary_block(const TrialInfo& info);

}  // namespace varia::results
