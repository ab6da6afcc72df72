#include "report/text_report.hpp"

#include "report/conclusion.hpp"
#include "report/format.hpp"
#include "report/joined.hpp"
#include "report/outside_text.hpp"
#include "report/sections.hpp"
#include "report/violation_view.hpp"

#include <algorithm>

namespace turnomatic::bench {
namespace {

// Labels begin in the third column; the first two mark violations.
constexpr std::size_t label_width = 34;

// In columns: every byte of a UTF-8 character but its first continues it.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
  }));
}

void pad(std::string& out, std::string_view text, std::size_t width) {
  if (const std::size_t own = width_of(text); own < width)
    out.append(width - own, ' ');
}

void append_left(std::string& out, std::string_view text, std::size_t width) {
  out.append(text);
  pad(out, text, width);
}

void append_right(std::string& out, std::string_view text, std::size_t width) {
  pad(out, text, width);
  out.append(text);
}

void end_line(std::string& out) {
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

void append_rows(std::string& out, const section& what) {
  std::size_t width = 0;
  for (const row& each : what.rows) {
    if (!each.note.empty() || what.numeric)
      width = std::max(width, width_of(each.value));
  }
  for (const row& each : what.rows) {
    out += each.violation ? "! " : "  ";
    append_left(out, each.label, label_width);
    if (what.numeric)
      append_right(out, each.value, width);
    else
      append_left(out, each.value, width);
    out += joined({"   ", each.note});
    end_line(out);
  }
}

void append_section(std::string& out, const section& what, std::string_view if_empty) {
  out += joined({"\n", what.title, "\n"});
  if (what.rows.empty())
    out.append("  ").append(if_empty).append("\n");
  append_rows(out, what);
}

std::string verdict_line(const verdict& proof) {
  return joined({headline_of(conclusion_of(proof)), "   ", sentence_about(proof), "\n"});
}

void append_requests(std::string& out, const violation_view& what) {
  std::size_t turn_width = 4;
  for (const request_view& request : what.requests)
    turn_width = std::max(turn_width, request.turn.size());
  const auto append_line = [&](std::string_view turn, std::string_view sent,
                               std::string_view received, std::string_view connection) {
    out += "     ";
    append_right(out, turn, turn_width);
    append_right(out, sent, 16);
    append_right(out, received, 16);
    append_right(out, connection, 13);
    out += "   ";
  };
  append_line("turn", "sent [ms]", "received [ms]", "connection");
  out += "target\n";
  for (const request_view& request : what.requests) {
    append_line(request.turn, request.sent_ms, request.received_ms, request.connection);
    out += request.target;
    if (request.retried)
      out += "  (sent again under its key)";
    out += '\n';
  }
}

void append_violations(std::string& out, const proof_result& of) {
  out += "\nFirst violations; times since the earliest of each\n";
  std::size_t number = 0;
  for (const finding& each : of.proof.findings) {
    const violation_view view = view_of(each, of);
    out += "\n  " + std::to_string(++number) + ". " + view.kind + ", id " + view.id + "\n     " +
           view.sentence + '\n';
    if (!view.requests.empty())
      append_requests(out, view);
  }
}

void append_proof(std::string& out, const proof_result& of) {
  append_section(out, proof_section(of), "");
  if (!of.proof.findings.empty())
    append_violations(out, of);
  if (!of.faulty_bodies.empty()) {
    out += "\nFirst bodies without a turn of the id that was asked for\n";
    for (const std::string& body : of.faulty_bodies)
      out += "  " + printable(body) + '\n';
  }
  // Last, where a terminal shows it without scrolling.
  out += '\n' + verdict_line(of.proof);
}

}  // namespace

std::string render_text(const run_result& run) {
  std::string out = "turnomatic-bench " + printable(run.version) + " on " + printable(run.host) +
                    ", " + utc_text(run.started) + '\n';
  append_section(out, setup_section(run), "");
  append_section(out, load_section(run), "");
  append_section(out, latency_section(run), "no turn was answered");
  append_section(out, answers_section(run), "none");
  append_section(out, failures_section(run), "");
  append_proof(out, run);
  return out;
}

std::string render_text(const proof_result& of) {
  std::string out;
  append_proof(out, of);
  return out.substr(1);  // without the empty line that would part it from something
}

}  // namespace turnomatic::bench
