"""Rows that others wrote come in as an import would make them, whatever spelling their columns have."""

from pathlib import Path

import pytest

from demo_org.ids import is_id
from demo_org.load import MappingError, load_directory
from demo_org.store import Org

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"


@pytest.fixture
def org():
    with Org.open() as empty:
        yield empty


def write(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        (directory / f"{name}.csv").write_text(text, encoding="utf-8")
    return directory


def values(org: Org, sql: str) -> list[tuple]:
    return org.connection.execute(sql).fetchall()


def test_snake_case_columns_find_their_fields(org, tmp_path):
    """stage_name is StageName, pricebook_2_id is Pricebook2Id, foo_c is foo__c."""
    write(
        tmp_path,
        sf_opportunity_data="id,name,stage_name,close_date,amount,pricebook_2_id,foo_c,is_won,is_closed\n"
        'x1,Deal one,Signed,2018-12-19 00:00:00,"1,200.50",book,bar,true,true\n',
        product_2="id,name,is_active\np1,Thing,TRUE\n",
    )

    report = load_directory(org, tmp_path)

    assert report.rows == {"Product2": 1, "Opportunity": 1}
    assert values(org, "SELECT Name, StageName, CloseDate, Amount, foo__c, IsWon FROM Opportunity") == [
        ("Deal one", "Signed", "2018-12-19", 1200.5, "bar", 1)
    ]
    ((book,),) = values(org, "SELECT Pricebook2Id FROM Opportunity")
    assert is_id(book)
    assert book.startswith("01s")


def test_the_same_text_always_becomes_the_same_id(org, tmp_path):
    """A hashed reference still joins, and one that points nowhere stays a well-formed id."""
    write(
        tmp_path,
        Account="Id,Name,ParentId\n9CcfAt8qtZ==,Acme,nobody\n",
        opportunity="id,name,account_id,stage_name,close_date\n006q000000HddohAAB,Deal,9CcfAt8qtZ==,Prospecting,2018-12-19\n",
    )

    load_directory(org, tmp_path)

    assert values(org, "SELECT a.Name, o.Id FROM Opportunity o JOIN Account a ON a.Id = o.AccountId") == [
        ("Acme", "006q000000HddohAAB")
    ]
    ((parent,),) = values(org, "SELECT ParentId FROM Account")
    assert parent.startswith("001")
    assert is_id(parent)


def test_words_of_the_length_of_an_id_are_no_ids(org, tmp_path):
    """An account called Internationalis keeps its name and gets an id of the right kind."""
    write(tmp_path, Account="Id,Name\nInternationalis,A\nInternationalizing,B\n")

    load_directory(org, tmp_path)

    assert {identity[:3] for (identity,) in values(org, "SELECT Id FROM Account")} == {"001"}


def test_deletions_of_a_file_are_not_carried_over(org, tmp_path):
    """An import makes live rows; the report says that is_deleted was not looked at."""
    write(tmp_path, account="id,name,is_deleted\na,Acme,true\n")

    report = load_directory(org, tmp_path)

    assert values(org, "SELECT IsDeleted FROM Account") == [(0,)]
    assert any("is_deleted" in sentence for sentence in report.left_out)


def test_loader_columns_and_version_tables_are_left_out(org, tmp_path):
    """What a warehouse loader noted for itself is no data of the org."""
    write(
        tmp_path,
        sf_account_data="_fivetran_synced,id,name\n2019-10-17 21:10:19,a,Acme\n",
        sf_account_history_data="_fivetran_start,id,name\n2019-10-17 21:10:19,a,Old Acme\n",
    )

    report = load_directory(org, tmp_path)

    assert report.rows == {"Account": 1}
    assert not org.catalog.stored_object("Account").has("fivetran_synced__c")
    assert any("history mode" in sentence for sentence in report.left_out)
    assert any("_fivetran_synced" in sentence for sentence in report.left_out)


def test_stages_of_the_rows_become_stages_of_the_org(org, tmp_path):
    """What is won is decided by the file's flags, not by the wording of the stage."""
    write(
        tmp_path,
        opportunity="id,name,stage_name,close_date,is_won,is_closed,probability\n"
        "a,A,Gewonnen,2020-01-01,true,true,100\nb,B,Verloren,1/31/2020,false,true,0\nc,C,Offen,2020-01-01,,,\n",
    )

    report = load_directory(org, tmp_path)

    assert values(org, "SELECT ApiName, IsWon, IsClosed FROM OpportunityStage WHERE SortOrder > 10 ORDER BY Id") == [
        ("Gewonnen", 1, 1), ("Verloren", 0, 1), ("Offen", 0, 0),
    ]  # fmt: skip
    assert values(org, "SELECT IsWon, IsClosed, CloseDate FROM Opportunity WHERE Name = 'B'") == [(0, 1, "2020-01-31")]
    assert any("Offen" in sentence and "open" in sentence for sentence in report.notes)


def test_values_that_cannot_be_read_are_reported_and_left_empty(org, tmp_path):
    """One bad cell never stops an import."""
    write(tmp_path, opportunity="id,name,stage_name,close_date,amount\na,A,Prospecting,someday,lots\n")

    report = load_directory(org, tmp_path)

    assert values(org, "SELECT CloseDate, Amount FROM Opportunity") == [(None, None)]
    assert len(report.problems) == 2
    assert "lots" in " ".join(report.problems)


def test_an_unknown_file_is_left_out_and_said_so(org, tmp_path):
    """A file that is no object is named in the report with the way out."""
    write(tmp_path, account="id,name\na,Acme\n", weather="day,rain\n1,2\n")

    report = load_directory(org, tmp_path)

    assert report.rows == {"Account": 1}
    assert any("weather.csv" in sentence and "mapping" in sentence for sentence in report.left_out)


def test_a_directory_without_files_says_what_to_put_there(org, tmp_path):
    """An empty directory is a mistake, not an empty org."""
    with pytest.raises(FileNotFoundError, match=r"Opportunity\.csv"):
        load_directory(org, tmp_path)


PIPELINE = (
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
    "A1,Moses Frase,GTXPro,Cancity,Won,10/20/2016,3/1/2017,1054\n"
    "B2,Moses Frase,GTX Pro,Cancity,Lost,10/20/2016,3/2/2017,0\n"
    "C3,Zane Levy,GTX Pro,,Prospecting,,,\n"
)


def crm(directory: Path) -> Path:
    return write(
        directory,
        sales_pipeline=PIPELINE,
        accounts="account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
        "Cancity,retail,2001,718.62,2448,United States,Acme\nAcme,technolgy,1996,1100.04,2822,Philipines,\n",
        products="product,series,sales_price\nGTX Pro,GTX,4821\n",
        sales_teams="sales_agent,manager,regional_office\nMoses Frase,Dustin B,Central\nZane Levy,Dustin B,Central\n",
        data_dictionary="accounts,,\n",
    )


def test_a_known_data_set_is_recognised_by_its_headers(org, tmp_path):
    """Nobody has to write a mapping for the public sales pipeline."""
    report = load_directory(org, crm(tmp_path))

    assert values(org, "SELECT Name, Amount, CloseDate, date(CreatedDate) FROM Opportunity WHERE IsWon = 1") == [
        ("Cancity - GTX Pro - A1", 1054.0, "2017-03-01", "2016-10-20")
    ]
    assert values(
        org,
        "SELECT u.Name, m.Name FROM Opportunity o JOIN User u ON u.Id = o.OwnerId JOIN User m ON m.Id = u.ManagerId "
        "WHERE o.IsWon = 1",
    ) == [("Moses Frase", "Dustin B")]
    assert values(
        org, "SELECT a.Name, p.Name, p.BillingCountry FROM Account a JOIN Account p ON p.Id = a.ParentId"
    ) == [("Cancity", "Acme", "Philippines")]
    assert values(
        org,
        "SELECT p.Name, e.UnitPrice, l.TotalPrice FROM OpportunityLineItem l JOIN Product2 p ON p.Id = l.Product2Id "
        "JOIN PricebookEntry e ON e.Id = l.PricebookEntryId",
    ) == [("GTX Pro", 4821.0, 1054.0)]
    assert any("2018-03-31" in sentence for sentence in report.notes)
    assert any("data_dictionary.csv" in sentence for sentence in report.left_out)


def test_a_mapping_with_a_mistake_says_where(org, tmp_path):
    """A wrong word, field or column ends in one sentence about it."""
    crm(tmp_path)
    for text, said in (
        ('[[table]]\nfile = "accounts.csv"\nobject = "Account"\nkolumns = {}\ncolumns = {}', "kolumns"),
        ('[[table]]\nfile = "accounts.csv"\nobject = "Account"\n[table.columns]\naccount = "Nmae"', "no field Nmae"),
        ('[[table]]\nfile = "accounts.csv"\nobject = "Account"\n[table.columns]\nacount = "Name"', "no column acount"),
        ("not toml", "no readable TOML"),
    ):
        mapping = tmp_path / "mapping.toml"
        mapping.write_text(text, encoding="utf-8")
        with pytest.raises(MappingError, match=said):
            load_directory(org, tmp_path, mapping)


def _fixture(name: str) -> Path:
    if not (FIXTURES / name).is_dir():
        pytest.skip(f"the data set {name} is not beside this checkout")
    return FIXTURES / name


def test_the_public_sales_pipeline_has_its_known_totals(org):
    """4,238 won deals of 85 customers, worth 10,005,534 in all."""
    load_directory(org, _fixture("crm_sales_opportunities"))

    assert values(org, "SELECT count(*), sum(Amount), count(DISTINCT AccountId) FROM Opportunity WHERE IsWon = 1") == [
        (4238, 10_005_534.0, 85)
    ]
    assert values(org, "SELECT count(*) FROM Opportunity") == [(8800,)]


def test_real_hashed_rows_of_a_warehouse_come_in_whole(org):
    """Ten real opportunities, five won, with their amounts and dates; nothing of them fails."""
    report = load_directory(org, _fixture("dbt_salesforce_seeds"))

    assert values(
        org, "SELECT Id, Amount, CloseDate FROM Opportunity WHERE IsWon = 1 AND IsDeleted = 0 ORDER BY Id"
    ) == [
        ("006q000000Hbmd1AAB", None, "2018-12-18"),
        ("006q000000HcZXrAAN", None, "2018-12-13"),
        ("006q000000HdPzpAAF", None, "2018-12-18"),
        ("006q000000HddohAAB", 24_120_000.0, "2018-12-19"),
        ("006q000000HddueAAB", None, "2018-12-07"),
    ]
    assert report.rows["Opportunity"] == 10
    assert report.problems == ()
