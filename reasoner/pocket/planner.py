"""The pocket planner: rules read the limits and rephrase the question."""

from reasoner.answer import Fallback, Plan, Role
from reasoner.general.reading import read_question
from reasoner.pocket.statement import statement_of


class PocketPlanner:
    """Reads limits out of a question and turns the rest into a statement to look for.

    No model runs: rephrasing by the language model waits for a trained planner adapter.
    """

    def plan(self, question: str) -> Plan:
        """Read limits and reach in the words, keep the rest as the search, rephrase it."""
        limits, reached = read_question(question)
        asked = limits.question
        fallbacks: tuple[Fallback, ...] = ()
        if not any(character.isalnum() for character in asked):
            asked = question
            reason = "the question holds nothing but limits; it is searched as it stands"
            fallbacks = (Fallback(Role.PLANNER, reason),)
        return Plan(
            question=question,
            search_query=asked,
            grounding_query=statement_of(asked),
            within=limits.within,
            season=limits.season,
            episode=limits.episode,
            last_episode=limits.last_episode,
            fallbacks=fallbacks,
            reach=reached.reach,
            subjects=reached.subjects,
            tally=reached.tally,
        )
