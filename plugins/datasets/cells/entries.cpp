#include "cells/entries.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "cells/lists.hpp"
#include "hdf5/attribute.hpp"
#include "hdf5/compound.hpp"
#include "hdf5/dataset.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::datasets {

namespace {

[[noreturn]] void refuse_type(const hdf5::Object& list) {
  throw DataError(place_of(list), "does not hold numbers, booleans or text.");
}

/// Booleans as h5py writes them: an enumeration of FALSE and TRUE.
Entries booleans_of(const hdf5::Object& list, std::vector<double> values) {
  if (std::ranges::any_of(values, [](double value) { return value != 0 && value != 1; }))
    throw DataError(place_of(list), "has an enumeration; expected numbers, booleans or text.");
  return {.texts = {}, .numbers = std::move(values), .are_booleans = true, .masked = {}};
}

Entries read_list(const hdf5::Object& list) {
  switch (hdf5::class_of(list)) {
    case H5T_STRING:
      return {.texts = hdf5::read_texts(list), .numbers = {}, .masked = {}};
    case H5T_ENUM: {
      const auto values = hdf5::read<std::uint8_t>(list);
      return booleans_of(list, {values.begin(), values.end()});
    }
    case H5T_INTEGER:
    case H5T_FLOAT:
      return {.texts = {}, .numbers = hdf5::read<double>(list), .masked = {}};
    default:
      refuse_type(list);
  }
}

}  // namespace

bool Entries::has(std::size_t row) const {
  return (masked.empty() || !masked[row]) && (!texts.empty() || !std::isnan(numbers[row]));
}

std::string Entries::text(std::size_t row) const {
  if (!texts.empty()) return texts[row];
  if (are_booleans) return numbers[row] == 0 ? "False" : "True";
  return number_text(numbers[row]);
}

std::string encoding_of(const hdf5::Object& group) {
  return hdf5::has_attribute(group, "encoding-type")
             ? hdf5::read_attribute<std::string>(group, "encoding-type")
             : "";
}

Entries read_entries(const hdf5::Object& parent, const std::string& name) {
  if (!hdf5::is_group(parent, name)) return read_list(open_list(parent, name));
  const auto group = hdf5::open_group(parent, name);
  if (!encoding_of(group).starts_with("nullable-")) {
    throw DataError(place_of(group),
                    "is of another encoding than expected: categorical, or an array of numbers, "
                    "booleans or text.");
  }
  auto entries = read_list(open_list(group, "values"));
  const auto mask = read_list(open_list(group, "mask"));
  if (!mask.are_booleans || mask.size() != entries.size()) {
    throw DataError(place_of(group), "is damaged: it has " + std::to_string(entries.size()) +
                                         " values; expected a mask of as many booleans, found " +
                                         std::to_string(mask.size()) + " entries.");
  }
  for (const auto value : mask.numbers) entries.masked.push_back(value != 0);
  return entries;
}

Entries read_field(const hdf5::Object& records, const std::string& field) {
  switch (hdf5::class_of_field(records, field)) {
    case H5T_STRING:
      return {.texts = hdf5::read_text_field(records, field), .numbers = {}, .masked = {}};
    case H5T_ENUM:
      return booleans_of(records, hdf5::read_number_field(records, field));
    case H5T_INTEGER:
    case H5T_FLOAT:
      return {.texts = {}, .numbers = hdf5::read_number_field(records, field), .masked = {}};
    default:
      refuse_type(records);
  }
}

TableColumn number_column(const std::string& place, const std::string& name,
                          const Entries& entries) {
  std::vector<float> numbers;
  for (std::size_t row = 0; row < entries.size(); ++row) {
    const auto number = entries.has(row) ? static_cast<float>(entries.numbers[row])
                                         : std::numeric_limits<float>::quiet_NaN();
    if (std::isinf(number)) {
      throw DataError(place, "column '" + name + "': row " + std::to_string(row) + " is " +
                                 entries.text(row) + "; expected numbers that a float32 can hold.");
    }
    numbers.push_back(number);
  }
  return TableColumn::of_numbers(name, std::move(numbers));
}

TableColumn category_column(const std::string& place, const std::string& name,
                            const Entries& entries) {
  std::map<std::pair<double, std::string>, std::int32_t> code_of;
  const auto key = [&](std::size_t row) {
    return entries.texts.empty() ? std::pair(entries.numbers[row], std::string())
                                 : std::pair(0.0, entries.texts[row]);
  };
  for (std::size_t row = 0; row < entries.size(); ++row) {
    if (!entries.has(row)) continue;
    if (entries.texts.empty() && entries.numbers[row] != std::floor(entries.numbers[row])) {
      throw DataError(place, "column '" + name +
                                 "': expected labels that are whole numbers or text, found " +
                                 entries.text(row) + ".");
    }
    code_of.emplace(key(row), -1);
  }
  std::int32_t next = 0;
  for (auto& [entry, code] : code_of) code = next++;
  std::vector<std::string> categories(code_of.size());
  std::vector<std::int32_t> codes;
  for (std::size_t row = 0; row < entries.size(); ++row) {
    codes.push_back(entries.has(row) ? code_of.at(key(row)) : -1);
    if (codes.back() >= 0) categories[static_cast<std::size_t>(codes.back())] = entries.text(row);
  }
  return TableColumn::of_categories(name, std::move(categories), std::move(codes));
}

TableColumn category_column(const std::string& place, const std::string& name, const Entries& codes,
                            const Entries& categories) {
  if (!codes.texts.empty() || codes.are_booleans)
    throw DataError(place, "column '" + name + "' is damaged: its categories are not numbered.");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < categories.size(); ++i) names.push_back(categories.text(i));
  std::vector<std::int32_t> numbers;
  for (const auto code : codes.numbers) {
    if (!(code >= -1 && code < static_cast<double>(names.size())) || code != std::floor(code)) {
      throw DataError(place, "column '" + name + "' is damaged: it has the category " +
                                 number_text(code) + " among " + std::to_string(names.size()) +
                                 ".");
    }
    numbers.push_back(static_cast<std::int32_t>(code));
  }
  return TableColumn::of_categories(name, std::move(names), std::move(numbers));
}

}  // namespace varia::datasets
