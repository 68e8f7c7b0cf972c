"""Row rules: what ``@rowAccess`` makes of the model, and what is refused when the SDL is loaded."""

from __future__ import annotations

import pytest

from handler.access.principal import CallerKind, Principal
from handler.access.rules import CLOSED, Requirement
from handler.compiler.sql import compile_rows
from handler.errors import SchemaError
from handler.model.resolver_field import ResolverField
from handler.model.tables import ClaimRule, ThroughRule
from handler.sql.statement import Statement
from tests.handler.compiler.plans import Compiler

SDL = """
type Query { note(noteId: ID!): Note page(pageId: ID!): Page word(wordId: ID!): Word }

type Note @public NOTE {
  noteId: ID!
  ownerId: ID! @column(integer: true)
  text: String
  kind: CallerKind
  weight: Float
  length: Int @expression(sql: "LENGTH({text})")
  pages: [Page!]!
  size: Int! @count(of: "pages")
}

type Page @public PAGE { pageId: ID! noteId: ID! note: NoteOf words: [Word!]! }

type Word @public WORD {
  wordId: ID!
  pageId: ID!
  page: Page
  next: Word @relation(columns: ["next_id"], references: ["word_id"])
}

enum CallerKind { A B }
"""
NOTE = '@rowAccess(field: "ownerId", claim: "person")'
LIFTED = '@rowAccess(field: "ownerId", claim: "person", unlessScopes: [["all"]])'


def compiler(note: str = "", page: str = "", word: str = "", note_of: str = "Note") -> Compiler:
    text = SDL.replace("NOTE", note).replace("PAGE", page).replace("WORD", word)
    return Compiler.of(text.replace("NoteOf", note_of))


def test_rules_are_read_in_order() -> None:
    ways = (
        '@rowAccess(through: "note")'
        ' @rowAccess(field: "pageId", claim: "page", unlessScopes: [["b", "a"]])'
    )
    tables = compiler(LIFTED, ways).model.tables
    (note,) = tables["Note"].row_rules
    assert isinstance(note, ClaimRule)
    assert (note.column.field, note.claim) == ("ownerId", "person")
    assert note.unless == Requirement((("all",),))
    through, page = tables["Page"].row_rules
    assert isinstance(through, ThroughRule)
    assert (through.one.field, through.unless) == ("note", CLOSED)
    assert page.unless == Requirement((("a", "b"),))
    assert tables["Word"].row_rules == ()


@pytest.mark.parametrize(
    ("note", "page", "word", "said"),
    [
        pytest.param("@rowAccess", "", "", "takes either field and claim", id="nothing"),
        pytest.param('@rowAccess(field: "noteId")', "", "", "takes either", id="no-claim"),
        pytest.param(
            NOTE.replace(")", ', through: "x")'), "", "", "takes either", id="field-and-through"
        ),
        pytest.param(
            '@rowAccess(field: "text", claim: " ")', "", "", "must name a claim", id="blank-claim"
        ),
        pytest.param(
            '@rowAccess(field: "x", claim: "c")',
            "",
            "",
            "(field: 'x') must name a stored column that is one of Int, String, ID, BigInt; "
            "there are: noteId, ownerId, text",
            id="no-field",
        ),
        *(
            pytest.param(
                f'@rowAccess(field: "{name}", claim: "c")', "", "", "stored column", id=name
            )
            for name in ("kind", "weight", "length", "pages", "size")
        ),
        pytest.param(
            "",
            '@rowAccess(through: "words")',
            "",
            "must name a field that leads to one row; there are: note",
            id="through-many",
        ),
        pytest.param(
            "",
            '@rowAccess(through: "note")',
            "",
            "leads to Note, all rows of which are visible",
            id="through-open",
        ),
        pytest.param(
            "", "", '@rowAccess(through: "next")', "in a circle: Word -> Word", id="circle"
        ),
        pytest.param(
            NOTE.replace(")", ", unlessScopes: [])"), "", "", "has an empty list", id="no-scopes"
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(note: str, page: str, word: str, said: str) -> None:
    with pytest.raises(SchemaError) as caught:
        compiler(note, page, word)
    assert said in str(caught.value)
    assert "test.graphql:" in str(caught.value)


def test_a_circle_behind_the_start_is_found() -> None:
    with pytest.raises(SchemaError, match="A -> B -> A"):
        Compiler.of(
            "type Query { a(aId: ID!): A }"
            ' type A @rowAccess(through: "b") { aId: ID! bId: ID! b: B }'
            ' type B @rowAccess(through: "a") { bId: ID! aId: ID! a: A }'
        )


def test_a_type_without_rows_takes_no_rule() -> None:
    with pytest.raises(SchemaError, match="type Thing has @rowAccess, but no rows"):
        Compiler.of(
            "type Query { hour: Int @resolver }"
            ' type Thing @rowAccess(field: "a", claim: "a") { a: String }'
        )


def test_python_gives_keys_of_rows_where_a_type_has_rules() -> None:
    """It has no say in what these rows hold."""
    model = Compiler.of(
        "type Query { mine: Note @resolver }"
        ' type Note @rowAccess(field: "noteId", claim: "c") { noteId: ID! }'
    ).model
    assert isinstance(model.roots["mine"], ResolverField)
    assert model.tables["Note"].is_given_by_key


def test_another_type_over_the_same_table_is_no_way_around() -> None:
    with pytest.raises(SchemaError, match="type Open reads table 'notes' without @rowAccess"):
        Compiler.of(
            "type Query { note(noteId: ID!): Note open(noteId: ID!): Open }"
            ' type Note @rowAccess(field: "noteId", claim: "c") { noteId: ID! }'
            ' type Open @table(name: "notes") @key(fields: "noteId") { noteId: ID! }'
        )


SEVERAL = """
type Query { things: [Thing!]! others: [Other!]! }
interface Thing @table(name: "things") @discriminator(column: "kind") { id: ID! }
interface Other @table(name: "things") @discriminator(column: "COLUMN") { id: ID! }
type Secret implements Thing @value(column: "s") @rowAccess(field: "id", claim: "c") { id: ID! }
type Plain implements Other @value(column: "VALUE") RULE { id: ID! }
"""


@pytest.mark.parametrize(
    ("column", "value"), [("kind", "s"), ("kind", "S"), ("other", "s"), ("other", "p")]
)
def test_a_member_of_another_interface_is_no_way_around(column: str, value: str) -> None:
    """Unless the same column says that its rows are others; it may ignore the case of letters."""
    text = SEVERAL.replace("COLUMN", column).replace("VALUE", value)
    with pytest.raises(SchemaError, match="type Plain reads table 'things' without @rowAccess"):
        Compiler.of(text.replace("RULE", ""))
    Compiler.of(text.replace("RULE", '@rowAccess(field: "id", claim: "c")'))


def test_a_member_whose_rows_are_others_needs_no_rule() -> None:
    text = SEVERAL.replace("COLUMN", "kind").replace("VALUE", "p").replace("RULE", "")
    assert Compiler.of(text).model.tables["Plain"].row_rules == ()


def test_an_interface_stands_over_the_table_of_a_type_with_rules() -> None:
    """Its members have the rules; whichever lacks them is named."""
    said = SDL.replace("NOTE", NOTE).replace("PAGE", "").replace("WORD", "")
    said = said.replace("NoteOf", "Note").replace("word(", "texts: [Text!]! word(")
    said += """
    interface Text @table(name: "notes") @key(fields: "noteId") @discriminator(column: "sort") {
      noteId: ID!
    }
    type Long implements Text RULE { noteId: ID! ownerId: ID! @column(integer: true) }
    """
    assert Compiler.of(said.replace("RULE", NOTE)).model.tables["Text"].kinds == ("Long",)
    with pytest.raises(SchemaError, match="type Long reads table 'notes' without @rowAccess"):
        Compiler.of(said.replace("RULE", ""))


def test_an_expression_is_no_way_around() -> None:
    with pytest.raises(SchemaError, match="may not hold 'select'"):
        Compiler.of(
            "type Query { note(noteId: ID!): Note } type Note { noteId: ID!"
            ' others: Int @expression(sql: "{note_id} + (select count(*) from notes)") }'
        )


@pytest.mark.parametrize(
    ("note", "page", "is_safe"),
    [
        pytest.param("", "", True, id="all-visible"),
        pytest.param(NOTE, "", False, id="own-rows-all-visible"),
        pytest.param(NOTE, '@rowAccess(through: "note")', True, id="through-it"),
        pytest.param(
            LIFTED, '@rowAccess(through: "note", unlessScopes: [["all"]])', True, id="same-scopes"
        ),
        pytest.param(
            LIFTED, '@rowAccess(through: "note", unlessScopes: [["b"]])', False, id="other-scopes"
        ),
        pytest.param(
            NOTE, '@rowAccess(field: "pageId", claim: "person")', False, id="another-column"
        ),
        pytest.param(
            '@rowAccess(field: "noteId", claim: "n")',
            '@rowAccess(field: "noteId", claim: "n")',
            True,
            id="same-claim-by-the-relation",
        ),
        pytest.param(
            '@rowAccess(field: "noteId", claim: "n")',
            '@rowAccess(field: "noteId", claim: "m")',
            False,
            id="another-claim",
        ),
    ],
)
def test_a_field_that_must_not_be_null_leads_to_visible_rows(
    note: str, page: str, *, is_safe: bool
) -> None:
    if is_safe:
        compiler(note, page, note_of="Note!")
        return
    with pytest.raises(SchemaError, match=r"Page.note must not be null, but a caller may see the"):
        compiler(note, page, note_of="Note!")
    compiler(note, page)  # nullable: it is null then


def caller(*scopes: str, **claims: str) -> Principal:
    return Principal(kind=CallerKind.TOKEN, subject="s", scopes=frozenset(scopes), claims=claims)


@pytest.mark.parametrize(
    ("principal", "note", "page"),
    [
        pytest.param(
            caller(), ", where ownerId = claim person", ", where note.ownerId = claim person",
            id="token",
        ),
        pytest.param(
            Principal.anonymous(),
            ", where ownerId = claim person",
            ", where note.ownerId = claim person",
            id="anonymous",
        ),
        pytest.param(caller("all"), "", "", id="lifted-and-with-it-what-leads-there"),
        pytest.param(Principal.development(), "", "", id="development"),
    ],
)  # fmt: skip
def test_a_plan_says_which_rows_it_shows(principal: Principal, note: str, page: str) -> None:
    compiled = compiler(LIFTED, '@rowAccess(through: "note")')
    text = '{ note(noteId: "1") { size pages { note { noteId } } } }'
    plan = compiled.plan(text, principal=principal)
    assert str(plan) == "\n".join(
        (
            "query",
            f"  note = batch 0: one Note by noteId{note}",
            f"    size = count of pages{page} as Int",
            f"    pages = batch 1: list of Page for each note_id, ordered by pageId{page}",
            f"      note = one Note, joined{note}",
            "        noteId = t1.note_id as ID",
        )
    )
    assert plan.claims() == (("person",) if note else ())


def test_rules_through_one_another_have_an_alias_each() -> None:
    compiled = compiler(NOTE, '@rowAccess(through: "note")', '@rowAccess(through: "page")')
    text = '{ word(wordId: "1") { wordId } }'
    plan, values = compiled.bound(text, principal=caller(person="7"))
    assert compile_rows(plan, plan.batches[0], values) == [
        Statement(
            "SELECT t0.`word_id` FROM `words` t0 WHERE t0.`word_id` = %s AND EXISTS "
            "(SELECT 1 FROM `pages` g1 WHERE g1.`page_id` = t0.`page_id` AND EXISTS "
            "(SELECT 1 FROM `notes` g2 WHERE g2.`note_id` = g1.`note_id` AND g2.`owner_id` = %s "
            "AND (COERCIBILITY(g2.`owner_id`) = 5 OR CAST(g2.`owner_id` AS BINARY) = %s))) "
            "LIMIT %s",
            ("1", 7, b"7", 1),
            batch=0,
        )
    ]
