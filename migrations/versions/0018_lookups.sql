-- Records whose lookup names a record that was deleted are found by an index. Salesforce clears such lookups without a
-- stamp, so their records are read again; without an index that took a scan of each table that has such a lookup.

SET LOCAL lock_timeout = '5s';

CREATE INDEX opportunity_contactid ON salesforce.opportunity (org_id, contactid) WHERE contactid IS NOT NULL;
CREATE INDEX opportunity_contractid ON salesforce.opportunity (org_id, contractid) WHERE contractid IS NOT NULL;
CREATE INDEX opportunity_syncedquoteid
    ON salesforce.opportunity (org_id, syncedquoteid) WHERE syncedquoteid IS NOT NULL;
CREATE INDEX opportunitylineitem_pricebookentryid
    ON salesforce.opportunitylineitem (org_id, pricebookentryid) WHERE pricebookentryid IS NOT NULL;
CREATE INDEX partner_accountfromid ON salesforce.partner (org_id, accountfromid) WHERE accountfromid IS NOT NULL;
CREATE INDEX partner_accounttoid ON salesforce.partner (org_id, accounttoid) WHERE accounttoid IS NOT NULL;
CREATE INDEX partner_reversepartnerid
    ON salesforce.partner (org_id, reversepartnerid) WHERE reversepartnerid IS NOT NULL;
CREATE INDEX account_masterrecordid ON salesforce.account (org_id, masterrecordid) WHERE masterrecordid IS NOT NULL;
CREATE INDEX contact_masterrecordid ON salesforce.contact (org_id, masterrecordid) WHERE masterrecordid IS NOT NULL;
CREATE INDEX contact_reportstoid ON salesforce.contact (org_id, reportstoid) WHERE reportstoid IS NOT NULL;
CREATE INDEX accountcontactrelation_contactid
    ON salesforce.accountcontactrelation (org_id, contactid) WHERE contactid IS NOT NULL;
CREATE INDEX task_accountid ON salesforce.task (org_id, accountid) WHERE accountid IS NOT NULL;
CREATE INDEX task_recurrenceactivityid
    ON salesforce.task (org_id, recurrenceactivityid) WHERE recurrenceactivityid IS NOT NULL;
CREATE INDEX event_accountid ON salesforce.event (org_id, accountid) WHERE accountid IS NOT NULL;
CREATE INDEX event_recurrenceactivityid
    ON salesforce.event (org_id, recurrenceactivityid) WHERE recurrenceactivityid IS NOT NULL;
CREATE INDEX emailmessage_activityid ON salesforce.emailmessage (org_id, activityid) WHERE activityid IS NOT NULL;
CREATE INDEX emailmessage_fromid ON salesforce.emailmessage (org_id, fromid) WHERE fromid IS NOT NULL;
CREATE INDEX emailmessage_parentid ON salesforce.emailmessage (org_id, parentid) WHERE parentid IS NOT NULL;
CREATE INDEX emailmessage_replytoemailmessageid
    ON salesforce.emailmessage (org_id, replytoemailmessageid) WHERE replytoemailmessageid IS NOT NULL;
CREATE INDEX contentversion_contentdocumentid
    ON salesforce.contentversion (org_id, contentdocumentid) WHERE contentdocumentid IS NOT NULL;
CREATE INDEX contentversion_firstpublishlocationid
    ON salesforce.contentversion (org_id, firstpublishlocationid) WHERE firstpublishlocationid IS NOT NULL;
CREATE INDEX pricebookentry_product2id ON salesforce.pricebookentry (org_id, product2id) WHERE product2id IS NOT NULL;
CREATE INDEX quote_accountid ON salesforce.quote (org_id, accountid) WHERE accountid IS NOT NULL;
CREATE INDEX quote_contactid ON salesforce.quote (org_id, contactid) WHERE contactid IS NOT NULL;
CREATE INDEX quote_contractid ON salesforce.quote (org_id, contractid) WHERE contractid IS NOT NULL;
CREATE INDEX quotelineitem_opportunitylineitemid
    ON salesforce.quotelineitem (org_id, opportunitylineitemid) WHERE opportunitylineitemid IS NOT NULL;
CREATE INDEX contract_customersignedid
    ON salesforce.contract (org_id, customersignedid) WHERE customersignedid IS NOT NULL;
CREATE INDEX order_billtocontactid ON salesforce."order" (org_id, billtocontactid) WHERE billtocontactid IS NOT NULL;
CREATE INDEX order_contractid ON salesforce."order" (org_id, contractid) WHERE contractid IS NOT NULL;
CREATE INDEX order_customerauthorizedbyid
    ON salesforce."order" (org_id, customerauthorizedbyid) WHERE customerauthorizedbyid IS NOT NULL;
CREATE INDEX order_originalorderid ON salesforce."order" (org_id, originalorderid) WHERE originalorderid IS NOT NULL;
CREATE INDEX order_shiptocontactid ON salesforce."order" (org_id, shiptocontactid) WHERE shiptocontactid IS NOT NULL;
CREATE INDEX orderitem_originalorderitemid
    ON salesforce.orderitem (org_id, originalorderitemid) WHERE originalorderitemid IS NOT NULL;
CREATE INDEX asset_assetprovidedbyid
    ON salesforce.asset (org_id, assetprovidedbyid) WHERE assetprovidedbyid IS NOT NULL;
CREATE INDEX asset_assetservicedbyid
    ON salesforce.asset (org_id, assetservicedbyid) WHERE assetservicedbyid IS NOT NULL;
CREATE INDEX asset_contactid ON salesforce.asset (org_id, contactid) WHERE contactid IS NOT NULL;
CREATE INDEX asset_parentid ON salesforce.asset (org_id, parentid) WHERE parentid IS NOT NULL;
CREATE INDEX asset_rootassetid ON salesforce.asset (org_id, rootassetid) WHERE rootassetid IS NOT NULL;
CREATE INDEX case_assetid ON salesforce."case" (org_id, assetid) WHERE assetid IS NOT NULL;
CREATE INDEX case_contactid ON salesforce."case" (org_id, contactid) WHERE contactid IS NOT NULL;
CREATE INDEX case_masterrecordid ON salesforce."case" (org_id, masterrecordid) WHERE masterrecordid IS NOT NULL;
CREATE INDEX case_parentid ON salesforce."case" (org_id, parentid) WHERE parentid IS NOT NULL;
CREATE INDEX campaign_parentid ON salesforce.campaign (org_id, parentid) WHERE parentid IS NOT NULL;
CREATE INDEX campaignmember_leadorcontactid
    ON salesforce.campaignmember (org_id, leadorcontactid) WHERE leadorcontactid IS NOT NULL;
CREATE INDEX user_accountid ON salesforce."user" (org_id, accountid) WHERE accountid IS NOT NULL;
CREATE INDEX user_contactid ON salesforce."user" (org_id, contactid) WHERE contactid IS NOT NULL;
