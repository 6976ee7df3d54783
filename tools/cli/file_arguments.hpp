#pragma once

#include <string>
#include <vector>

/// Names of files on the command line, checked before a command begins.
namespace varia::cli {

/// The results file that an argument of the command line names: a path, or results/NAME.h5 for the
/// NAME of an experiment, if no file has that path.
std::string results_path(const std::string& given);

/// @throws StoreError if one of these results files is not there, with the file that may be
///         meant: `mine` for results/mine.h5, or a name that is near
void require_results_files(const std::vector<std::string>& files);

/// Refuses a name that a command cannot write a file to, or had better not: a folder, a device or a
/// pipe (a file is made beside it and renamed, which would put it in their place), and a file that
/// the command reads.
/// @param option that gives the name, for the message
/// @param inputs files that the command reads
/// @throws ConfigError
void check_output(const std::string& option, const std::string& path,
                  const std::vector<std::string>& inputs);

/// The same for a text or a page, which never takes the place of an HDF5 file: that has results.
/// @throws ConfigError
void check_text_output(const std::string& option, const std::string& path,
                       const std::vector<std::string>& inputs);

}  // namespace varia::cli
