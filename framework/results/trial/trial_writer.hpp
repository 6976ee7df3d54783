#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "hdf5/output_file.hpp"
#include "results/records.hpp"
#include "results/trial/trial_content.hpp"

namespace varia::results {

/// What a TrialFile does; its functions are documented there. Checks what is added. Private to
/// framework/results.
class TrialWriter {
 public:
  TrialWriter(std::string path, TrialHeader header);

  /// Continues the trial in the file `from` after its epoch `epochs`.
  void take_over(const std::string& from, std::int64_t epochs);

  void append(const EpochRecord& record);
  void describe(const std::string& metric, const MetricInfo& info);
  void add_picture(const std::string& name, const ViewLayout& layout, Picture picture);
  void add_points(const std::string& name, Points points);
  void commit();
  bool publish(TrialState status, const std::string& error, const std::string& target,
               bool replace);

  std::int64_t epochs() const { return content_.epochs(); }

 private:
  /// Writes all of it under a temporary name.
  std::unique_ptr<hdf5::OutputFile> write();
  /// The trial goes on: it was not published.
  void reopen();
  void require_open() const;
  void check_info(const std::string& metric, const MetricInfo& info) const;
  void check(const EpochRecord& record) const;

  std::string path_;
  TrialContent content_;
  std::string committed_;  // the file that holds the frames without a value
  bool changed_ = true;
  bool finished_ = false;
};

}  // namespace varia::results
