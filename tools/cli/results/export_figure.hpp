#pragma once

#include <string>
#include <vector>

/// Figures for papers, drawn by the Python package.
namespace varia::cli {

/// What `varia export --figure` takes.
struct FigureOptions {
  std::string name;                 ///< of the figure; empty: none is asked for
  std::string output;               ///< file; empty: <name>.svg, .pdf and .png in this folder
  double width = 85;                ///< millimetres
  std::vector<std::string> by;      ///< keys along the axes
  std::vector<std::string> over;    ///< keys that are averaged over
  std::vector<std::string> best;    ///< keys of which the best value is chosen
  std::vector<std::string> where;   ///< KEY=VALUE
  std::vector<std::string> splits;  ///< of rate_distortion
};

/// The figures that there are: the plots of the Python package (tools/python/README.md).
const std::vector<std::string>& figure_names();

/// Draws a figure and writes it, and beside it its numbers as CSV; prints the names of the files.
/// @param metrics, views, trials as `varia export` takes them
/// @throws ConfigError if python3 or a package that it needs is missing, with what to install; or
///         in the words of the Python package if the call does not fit the file
void export_figure(const std::string& results, const FigureOptions& figure,
                   const std::vector<std::string>& metrics, const std::vector<std::string>& views,
                   const std::vector<std::string>& trials);

}  // namespace varia::cli
